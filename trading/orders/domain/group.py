"""Orders that were asked for together: baskets, slices of one large order, legs of one idea."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from trading.brokers.domain.terms import Side

from .intent import MAX_TEXT, OrderIntent, Origin, request_hash
from .option_choice import OptionChoice
from .states import FINAL, OrderStatus

# Leaves room for "-50.100" behind the group's name.
MAX_GROUP_NAME = MAX_TEXT - 8


class GroupKind(StrEnum):
    """What binds the orders: a list, one large order, one idea, a wanted position, an option by its offset."""

    BASKET = "BASKET"
    SLICES = "SLICES"
    MULTI_LEG = "MULTI_LEG"
    TARGET = "TARGET"
    OPTION = "OPTION"


# Kinds of which the trader expects one order: it carries the name that was given to the whole.
SINGLE = frozenset({GroupKind.SLICES, GroupKind.TARGET, GroupKind.OPTION})


class GroupStatus(StrEnum):
    """How the whole stands. NOTHING: there was nothing to send; PARTIAL: ended with less than was asked for."""

    NOTHING = "NOTHING"
    REFUSED = "REFUSED"
    WORKING = "WORKING"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class LegIntent:
    """One leg. `order.key` is empty where `option` says which contract is meant; with `lots`, the order's
    quantity is that many lots. The group names the orders, so `order.client_order_id` stays empty."""

    order: OrderIntent
    lots: int | None = None
    option: OptionChoice | None = None


@dataclass(frozen=True, slots=True)
class GroupIntent:
    """Orders of one account to be placed together, in the order given but buys first.

    With `all_or_nothing` one leg that would be refused keeps all from being placed; without it each leg is
    reported for itself. With `autoslice` a leg above the exchange's freeze quantity becomes several orders.
    """

    account_id: UUID
    kind: GroupKind
    legs: tuple[LegIntent, ...]
    client_order_id: str
    name: str = ""
    all_or_nothing: bool = False
    autoslice: bool = False
    origin: Origin = Origin.MANUAL


@dataclass(frozen=True, slots=True)
class LegState:
    """What the state of a group follows from; one for each order, and one (REJECTED) for each refused leg."""

    status: OrderStatus
    filled_quantity: int = 0


def group_status(legs: Iterable[LegState]) -> GroupStatus:
    """How the whole stands."""
    states = list(legs)
    if not states:
        return GroupStatus.NOTHING
    if any(state.status not in FINAL for state in states):
        return GroupStatus.WORKING
    if all(state.status is OrderStatus.FILLED for state in states):
        return GroupStatus.FILLED
    if any(state.filled_quantity for state in states):
        return GroupStatus.PARTIAL
    if all(state.status is OrderStatus.REJECTED for state in states):
        return GroupStatus.REFUSED
    return GroupStatus.CANCELLED


def buys_first(legs: Sequence[LegIntent]) -> list[tuple[int, LegIntent]]:
    """(number, leg) in the order of placing: what is bought hedges, or pays for itself, before anything is sold.

    Numbers count from 1 in the order given.
    """
    return sorted(enumerate(legs, start=1), key=lambda numbered: numbered[1].order.side is not Side.BUY)


def order_name(kind: GroupKind, group_name: str, *, leg: int, place: int, of: int) -> str:
    """The `client_order_id` of an order of the group; `place` counts from 1 among the `of` slices of its leg."""
    if kind in SINGLE:
        return group_name if place == 1 else f"{group_name}-{place}"
    return f"{group_name}-{leg}" if of == 1 else f"{group_name}-{leg}.{place}"


def slice_quantities(quantity: int, *, lot_size: int, freeze_quantity: int | None) -> tuple[int, ...]:
    """The quantity in orders that the exchange takes: as few as possible, of whole lots, the largest first.

    `quantity` is a positive multiple of the lot. Raises ValueError when the freeze quantity is below one lot.
    """
    if freeze_quantity is None or quantity <= freeze_quantity:
        return (quantity,)
    largest = freeze_quantity // lot_size * lot_size
    if largest == 0:
        raise ValueError(f"the freeze quantity of {freeze_quantity} is below the lot of {lot_size}")
    whole, rest = divmod(quantity, largest)
    return (largest,) * whole + ((rest,) if rest else ())


def group_hash(intent: GroupIntent) -> str:
    """SHA-256 over what was asked for, before any strike or price was looked up."""
    legs = [
        [request_hash(leg.order), leg.lots, None if leg.option is None else leg.option.as_text()]
        for leg in intent.legs
    ]
    asked = [str(intent.account_id), intent.kind, intent.name, intent.all_or_nothing, intent.autoslice, legs]
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def group_shape_errors(intent: GroupIntent, *, most_legs: int) -> dict[str, list[tuple[str, str]]]:
    """What is wrong with the group on its face, per field: (code, message). Its legs are checked one by one."""
    errors: dict[str, list[tuple[str, str]]] = {}
    if not intent.legs:
        errors["legs"] = [("no_legs", "must name at least one leg")]
    elif len(intent.legs) > most_legs:
        errors["legs"] = [("too_many_legs", f"must name at most {most_legs} legs")]
    elif any(leg.order.account_id != intent.account_id for leg in intent.legs):
        errors["legs"] = [("legs_of_several_accounts", "must all be for the account of the group")]
    name = intent.client_order_id
    if not name.strip() or len(name) > MAX_GROUP_NAME or not name.isprintable():
        message = f"must have 1 to {MAX_GROUP_NAME} printable characters"
        errors["client_order_id"] = [("invalid_client_order_id", message)]
    if len(intent.name) > MAX_TEXT or not intent.name.isprintable():
        errors["name"] = [("invalid_name", f"must have at most {MAX_TEXT} printable characters")]
    return errors
