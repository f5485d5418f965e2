"""Changing what a trigger waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.triggers.crossing import trailed_price
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.rules import market_faults, shape_faults
from trading.orders.domain.triggers.states import Direction, LegRole, LegStatus, TriggerKind, TriggerStatus
from trading.orders.models import Trigger, TriggerEventType, TriggerLeg
from trading.orders.selectors.triggers import trigger_get
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import position_quantity
from trading.portfolio.services import account_lock_for

from .change import TriggerChange
from .create import faults_raise, terms_for
from .exits import live_exits, withdraw_all
from .targets import targets_place


@dataclass(frozen=True, slots=True)
class LegTerms:
    """The values to replace in one leg; None leaves one as it is. A new gap takes the place of the other kind."""

    trigger_price: Decimal | None = None
    price: Decimal | None = None
    order_type: OrderType | None = None
    trail_points: Decimal | None = None
    trail_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TriggerModification:
    """The values to replace; None leaves one as it is. `quantity` is the whole trigger's, with what has filled."""

    quantity: int | None = None
    expires_on: date | None = None
    note: str | None = None
    legs: Mapping[LegRole, LegTerms] = field(default_factory=dict)


@transaction.atomic
def trigger_modify(*, actor: Actor, trigger_id: UUID, modification: TriggerModification) -> Trigger:
    """Replace prices, gaps, quantity, last day or note; judged like a new trigger. Needs PLACE_ORDERS.

    A target that rests is withdrawn and placed again; a refused exit that is changed waits for its new price.
    Raises `Conflict` (`trigger_final`, `leg_fired`, `quantity_fixed`, `quantity_above_position`) and
    `InvalidInput` with the code of the first fault; then nothing has changed.
    """
    actor.require(Permission.PLACE_ORDERS)
    account = account_lock_for(actor, trigger_get(actor, trigger_id).account_id)
    at = clock.now()
    book = TriggerChange.load(trigger_id, actor=actor.label, at=at)
    if book.is_final:
        raise Conflict(f"The trigger is {book.trigger.status.lower()} already.", code="trigger_final")
    _check(book, modification, account)
    was = _told(book)
    _apply(book, modification)
    if _told(book) == was:
        return trigger_get(actor, trigger_id)
    _settle_alarm(book)
    book.event(TriggerEventType.MODIFIED, was=was, now=_told(book))
    book.save()
    _place_again(book, modification, account)
    audit_record(
        actor=actor,
        action="trigger.modified",
        object_type="trigger",
        object_id=str(trigger_id),
        data={"was": was, "now": _told(book)},
    )
    return trigger_get(actor, trigger_id)


def _check(book: TriggerChange, modification: TriggerModification, account: TradingAccount) -> None:
    trigger = book.trigger
    for role in modification.legs:
        leg = book.legs.get(role)
        if leg is None:
            message = f"{trigger.kind} has no {role} leg."
            raise InvalidInput(message, code="trigger_legs_wrong", errors={"legs": [message]})
        if role is LegRole.ENTRY:
            raise Conflict("Change the entry by its order.", code="leg_fired")
        if leg.status in (LegStatus.DONE, LegStatus.CANCELLED) or (
            leg.status == LegStatus.FIRED and not _rests(trigger, leg)
        ):
            raise Conflict(f"The {role.lower()} has fired already.", code="leg_fired")
    if modification.quantity is not None and modification.quantity != trigger.quantity:
        _check_quantity(trigger, modification.quantity, account)
    intent = _as_intent(book, modification)
    faults_raise(shape_faults(intent))
    watched = [leg for leg in intent.legs if leg.role in modification.legs or leg.role is LegRole.ENTRY]
    entering = trigger.status == TriggerStatus.WAITING_ENTRY
    entry = book.legs.get(LegRole.ENTRY)
    reference = entry.price if entering and entry is not None else None
    terms = terms_for(trigger.instrument, at=book.at, entry_price=reference)
    faults_raise([fault for fault in market_faults(intent, terms) if fault.code == "oco_legs_inverted"])
    # Legs that stay as they are have been judged before, and the market may have moved towards them since.
    faults_raise(market_faults(replace(intent, legs=tuple(watched)), terms))


def _check_quantity(trigger: Trigger, quantity: int, account: TradingAccount) -> None:
    if TriggerKind(trigger.kind).has_entry:
        raise Conflict("The quantity of a bracket or cover is its entry's.", code="quantity_fixed")
    if quantity <= trigger.filled_quantity + trigger.released_quantity:
        message = f"{trigger.filled_quantity + trigger.released_quantity} are gone already."
        raise InvalidInput(message, code="quantity_below_filled", errors={"quantity": [message]})
    if not trigger.protects:
        return
    held = position_quantity(
        account_id=account.id,
        instrument_id=trigger.instrument_id,
        product=trigger.product,
        strategy=trigger.strategy,
    )
    guarded = max(-held * trigger.exit_side.sign, 0)
    if quantity - trigger.filled_quantity - trigger.released_quantity > guarded:
        message = f"The position is {guarded} units; {quantity} would go beyond it."
        raise Conflict(message, code="quantity_above_position", errors={"quantity": [message]})


def _as_intent(book: TriggerChange, modification: TriggerModification) -> TriggerIntent:
    """The trigger as it would be asked for now."""
    trigger = book.trigger
    return TriggerIntent(
        account_id=trigger.account_id,
        key=trigger.instrument.key,
        kind=TriggerKind(trigger.kind),
        side=Side(trigger.side),
        quantity=trigger.quantity if modification.quantity is None else modification.quantity,
        product=Product(trigger.product),
        legs=tuple(_leg_intent(leg, modification.legs.get(role)) for role, leg in book.legs.items()),
        client_order_id=trigger.client_order_id,
        strategy=trigger.strategy,
        expires_on=modification.expires_on,
        note=trigger.note if modification.note is None else modification.note,
    )


def _leg_intent(leg: TriggerLeg, terms: LegTerms | None) -> LegIntent:
    points, percent = leg.trail_points, leg.trail_percent
    new = terms or LegTerms()
    if new.trail_points is not None or new.trail_percent is not None:
        points, percent = new.trail_points, new.trail_percent
    trails = points is not None or percent is not None
    order_type = OrderType(new.order_type or leg.order_type)
    price = leg.price if new.price is None else new.price
    kept = None if trails and new.trigger_price is None else leg.trigger_price
    return LegIntent(
        role=LegRole(leg.role),
        order_type=order_type,
        trigger_price=kept if new.trigger_price is None else new.trigger_price,
        price=None if order_type is OrderType.MARKET and new.price is None else price,
        trail_points=points,
        trail_percent=percent,
        direction=Direction(leg.direction) if leg.role == LegRole.SINGLE else None,
    )


def _apply(book: TriggerChange, modification: TriggerModification) -> None:
    trigger = book.trigger
    trigger.quantity = trigger.quantity if modification.quantity is None else modification.quantity
    trigger.expires_on = modification.expires_on or trigger.expires_on
    trigger.note = trigger.note if modification.note is None else modification.note
    for role, terms in modification.legs.items():
        leg = book.legs[role]
        intent = _leg_intent(leg, terms)
        leg.order_type, leg.price = intent.order_type, intent.price
        if role is LegRole.TARGET and intent.order_type is OrderType.LIMIT and terms.price is None:
            # A target that names no limit of its own is limited at its trigger price.
            follows = leg.trigger_price == leg.price or leg.price is None
            leg.price = intent.trigger_price if follows else leg.price
        leg.trail_points, leg.trail_percent = intent.trail_points, intent.trail_percent
        if intent.trail is not None and leg.peak_price is not None:
            tick = trigger.instrument.tick_size
            leg.trigger_price = trailed_price(Direction(leg.direction), leg.peak_price, intent.trail, tick)
        else:
            leg.trigger_price = intent.trigger_price
        if leg.status == LegStatus.REFUSED:
            leg.refusals = 0
            book.move_leg(leg, LegStatus.ARMED)


def _settle_alarm(book: TriggerChange) -> None:
    in_alarm = any(leg.status == LegStatus.REFUSED for leg in book.exits)
    if book.trigger.status == TriggerStatus.ALARM and not in_alarm:
        book.move(TriggerStatus.ACTIVE)
        book.explain("", "")


def _rests(trigger: Trigger, leg: TriggerLeg) -> bool:
    return leg.role == LegRole.TARGET and leg.order_type == OrderType.LIMIT


def _place_again(book: TriggerChange, modification: TriggerModification, account: TradingAccount) -> None:
    target = book.legs.get(LegRole.TARGET)
    if target is None or LegRole.TARGET not in modification.legs or target.status != LegStatus.FIRED:
        return
    withdraw_all(live_exits(book.trigger, target), account=account, reason="trigger_resized")
    fresh = TriggerChange.load(book.trigger.id, actor=book.actor, at=book.at)
    if not fresh.is_final:
        targets_place(fresh, account)


def _told(book: TriggerChange) -> dict[str, object]:
    trigger = book.trigger
    legs = {
        role: {
            "trigger_price": _text(leg.trigger_price),
            "order_type": str(leg.order_type),
            "price": _text(leg.price),
            "trail_points": _text(leg.trail_points),
            "trail_percent": _text(leg.trail_percent),
        }
        for role, leg in book.legs.items()
    }
    return {
        "quantity": trigger.quantity,
        "expires_on": trigger.expires_on.isoformat(),
        "note": trigger.note,
        "legs": legs,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")
