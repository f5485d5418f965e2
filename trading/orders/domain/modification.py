"""What may still be changed of an order, by where it stands. These tables are the only place that decides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from trading.brokers.domain.terms import OrderType, Validity

from .intent import OrderIntent
from .states import OrderStatus


@dataclass(frozen=True, slots=True)
class OrderModification:
    """The values to replace; None leaves one as it is. `quantity` is the whole order's, with what has filled."""

    quantity: int | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    disclosed_quantity: int | None = None
    order_type: OrderType | None = None


class Field(StrEnum):
    """What a modification can name."""

    QUANTITY = "quantity"
    PRICE = "price"
    TRIGGER_PRICE = "trigger_price"
    DISCLOSED_QUANTITY = "disclosed_quantity"
    ORDER_TYPE = "order_type"


class Stage(StrEnum):
    """Where an order stands, as far as a modification is concerned.

    QUEUED waits for its session and nobody outside knows of it; SENDING is on its way to the broker or was lost
    there; WAITING is a stop before its trigger; RESTING is in the book untraded, PARTLY_FILLED with a part traded;
    in ENDED nothing can change any more.
    """

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    WAITING = "WAITING"
    RESTING = "RESTING"
    PARTLY_FILLED = "PARTLY_FILLED"
    ENDED = "ENDED"


_STAGES = {
    OrderStatus.PENDING_ROUTE: Stage.SENDING,
    OrderStatus.ROUTING: Stage.SENDING,
    OrderStatus.UNKNOWN: Stage.SENDING,
    OrderStatus.TRIGGER_PENDING: Stage.WAITING,
    OrderStatus.OPEN: Stage.RESTING,
    OrderStatus.PARTIALLY_FILLED: Stage.PARTLY_FILLED,
}

_EVERY_FIELD = frozenset(Field)
FIELDS: Mapping[Stage, frozenset[Field]] = MappingProxyType(
    {
        Stage.QUEUED: _EVERY_FIELD,
        Stage.SENDING: frozenset(),
        Stage.WAITING: _EVERY_FIELD,
        Stage.RESTING: _EVERY_FIELD,
        Stage.PARTLY_FILLED: _EVERY_FIELD - {Field.TRIGGER_PRICE},
        Stage.ENDED: frozenset(),
    }
)

_EVERY_TYPE = frozenset(OrderType)
_WITHOUT_TRIGGER = frozenset({OrderType.LIMIT, OrderType.MARKET})
# The types that an order may have after a modification. What has traded cannot go back to waiting.
TYPES: Mapping[Stage, frozenset[OrderType]] = MappingProxyType(
    {
        Stage.QUEUED: _EVERY_TYPE,
        Stage.SENDING: frozenset(),
        Stage.WAITING: _EVERY_TYPE,
        Stage.RESTING: _EVERY_TYPE,
        Stage.PARTLY_FILLED: _WITHOUT_TRIGGER,
        Stage.ENDED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an order has come. `is_queued` is true of an after-market order that waits for its session."""

    status: OrderStatus
    filled_quantity: int = 0
    is_queued: bool = False
    is_triggered: bool = False

    @property
    def stage(self) -> Stage:
        if self.is_queued and self.status is OrderStatus.PENDING_ROUTE:
            return Stage.QUEUED
        return _STAGES.get(self.status, Stage.ENDED)


@dataclass(frozen=True, slots=True)
class IllegalModification:
    """Why a modification cannot be; `field` is empty where the order's state forbids it whatever is asked."""

    code: str
    message: str
    field: str = ""


def illegal_modification(
    standing: Standing, before: OrderIntent, modification: OrderModification
) -> IllegalModification | None:
    """What the order's state has against the modification, None when it is for the gates to judge.

    `before` is what the order is now: a stop that has triggered is the LIMIT or MARKET order it has become.
    """
    if standing.stage is Stage.ENDED:
        return ended(standing.status)
    if standing.stage is Stage.SENDING:
        return _sending(standing.status)
    if before.validity is Validity.IOC and standing.stage not in (Stage.QUEUED, Stage.WAITING):
        return IllegalModification("ioc_not_modifiable", "An IOC order in the market cannot be modified.")
    return _illegal_type(standing, before, modification) or _illegal_quantity(standing, modification)


def ended(status: OrderStatus) -> IllegalModification:
    """Why nothing can be done to an order that has ended: `order_filled`, `order_cancelled` and their like."""
    return IllegalModification(f"order_{status.lower()}", f"The order is {status.lower()} already.")


def _sending(status: OrderStatus) -> IllegalModification:
    if status is OrderStatus.UNKNOWN:
        return IllegalModification("order_unknown", "What the broker did with the order is not known yet.")
    return IllegalModification("order_not_working", "The order is not in the market yet.")


def _illegal_type(
    standing: Standing, before: OrderIntent, modification: OrderModification
) -> IllegalModification | None:
    wanted = modification.order_type or before.order_type
    names_trigger = modification.trigger_price is not None
    if standing.is_triggered and (wanted.is_stop or names_trigger):
        field = Field.ORDER_TYPE if wanted.is_stop else Field.TRIGGER_PRICE
        return IllegalModification(
            "already_triggered", "The stop has triggered and has no trigger any more.", field
        )
    if wanted not in TYPES[standing.stage]:
        return IllegalModification(
            "type_change_not_allowed",
            f"A {before.order_type} order that has partly traded cannot become {wanted}.",
            Field.ORDER_TYPE,
        )
    if names_trigger and Field.TRIGGER_PRICE not in FIELDS[standing.stage]:
        return IllegalModification(
            "trigger_price_not_allowed",
            "An order that has partly traded takes no trigger price.",
            Field.TRIGGER_PRICE,
        )
    return None


def _illegal_quantity(standing: Standing, modification: OrderModification) -> IllegalModification | None:
    if modification.quantity is None or modification.quantity >= standing.filled_quantity:
        return None
    return IllegalModification(
        "quantity_below_filled", f"{standing.filled_quantity} have traded already.", Field.QUANTITY
    )


def modified(before: OrderIntent, modification: OrderModification) -> OrderIntent:
    """The intent with the new values. A price or trigger that the new type has no use for goes with the old one."""
    order_type = modification.order_type or before.order_type
    quantity = before.quantity if modification.quantity is None else modification.quantity
    shown = modification.disclosed_quantity
    kept_price = before.price if order_type.has_limit else None
    kept_trigger = before.trigger_price if order_type.is_stop else None
    return replace(
        before,
        order_type=order_type,
        quantity=quantity,
        price=kept_price if modification.price is None else modification.price,
        trigger_price=kept_trigger if modification.trigger_price is None else modification.trigger_price,
        disclosed_quantity=min(before.disclosed_quantity, quantity) if shown is None else shown,
    )


def lowers_risk(before: OrderIntent, after: OrderIntent) -> bool:
    """Whether the modification does nothing but take the order down, or show another part of it.

    Nobody has to be asked about it, as nobody is about a cancellation.
    """
    same = replace(before, quantity=after.quantity, disclosed_quantity=after.disclosed_quantity)
    return after == same and after.quantity <= before.quantity


def status_after(status: OrderStatus, before: OrderType, after: OrderType) -> OrderStatus:
    """Where a change of type leaves an order: a stop made plain is in the book, a plain order made a stop waits."""
    if status is OrderStatus.TRIGGER_PENDING and not after.is_stop:
        return OrderStatus.OPEN
    if status is OrderStatus.OPEN and after.is_stop and not before.is_stop:
        return OrderStatus.TRIGGER_PENDING
    return status
