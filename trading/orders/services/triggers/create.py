"""`trigger_create`: the only door through which a trigger comes in."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput, Unprocessable
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get, session_at
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.triggers.crossing import direction_of, trailed_price
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent, trigger_hash
from trading.orders.domain.triggers.rules import LONGEST, Fault, Terms, market_faults, shape_faults
from trading.orders.domain.triggers.states import (
    Direction,
    LegRole,
    LegStatus,
    TriggerKind,
    TriggerStatus,
)
from trading.orders.models import Trigger, TriggerEventType, TriggerLeg
from trading.orders.selectors.triggers import trigger_get
from trading.orders.services.order.submit import order_accept
from trading.portfolio.domain.trade import OPTION_TYPES, product_allowed
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import position_quantity
from trading.portfolio.services import account_lock_for

from .change import TriggerChange


def trigger_create(*, actor: Actor, intent: TriggerIntent) -> Trigger:
    """Have a price watched, or place a bracket's or cover's entry and then have its exits watched.

    Needs PLACE_ORDERS. The same `client_order_id` with the same request returns the first trigger again; with
    another request it is `Unprocessable` (`idempotency_mismatch`). A trigger that cannot be raises `InvalidInput`
    with the code of its first fault, one that has nothing to guard `Conflict` (`nothing_to_protect`,
    `quantity_above_position`), one without a price to measure from `Conflict` (`no_quote`). An entry that is
    refused is a trigger in CANCELLED.
    """
    actor.require(Permission.PLACE_ORDERS)
    faults_raise(shape_faults(intent))
    instrument = instrument_for(intent)
    with transaction.atomic():
        account = account_lock_for(actor, intent.account_id)
        earlier = Trigger.objects.filter(account_id=account.id, client_order_id=intent.client_order_id).first()
        if earlier is None:
            return _create(actor, account, instrument, intent)
        if earlier.request_hash != trigger_hash(intent):
            raise Unprocessable("This client_order_id was used for another trigger.", code="idempotency_mismatch")
        return trigger_get(actor, earlier.id)


def faults_raise(faults: list[Fault]) -> None:
    """Raise `InvalidInput` with the first fault's code and every fault's message; nothing when there is none."""
    if not faults:
        return
    errors: dict[str, list[str]] = {}
    for fault in faults:
        errors.setdefault(fault.field, []).append(fault.message)
    first = faults[0]
    raise InvalidInput(f"{first.field}: {first.message.rstrip('.')}.", code=first.code, errors=errors)


def instrument_for(intent: TriggerIntent) -> Instrument:
    """What the trigger is on. Raises `NotFound`, or `InvalidInput` (`product_not_allowed`)."""
    instrument = instrument_get(intent.key)
    if not product_allowed(instrument.instrument_type, intent.product):
        message = f"{instrument.key} cannot be traded as {intent.product}."
        raise InvalidInput(message, code="product_not_allowed", errors={"product": [message]})
    return instrument


def entry_order(intent: TriggerIntent, *, client_order_id: str) -> OrderIntent:
    """The order that a BRACKET or COVER enters with. Raises `InvalidInput` for a trigger without an entry."""
    entry = intent.leg(LegRole.ENTRY)
    if entry is None:
        raise InvalidInput(f"{intent.kind} has no entry.", code="trigger_legs_wrong")
    return OrderIntent(
        account_id=intent.account_id,
        key=intent.key,
        side=intent.side,
        quantity=intent.quantity,
        order_type=entry.order_type,
        product=intent.product,
        client_order_id=client_order_id,
        price=entry.price,
        origin=intent.origin,
        strategy=intent.strategy,
        decision_price=intent.decision_price,
    )


def terms_for(instrument: Instrument, *, at: datetime, entry_price: Decimal | None = None) -> Terms:
    """What a trigger on the instrument is held against now. Raises `Conflict` (`no_quote`) without a price."""
    quote = quote_latest(instrument.key)
    reference = entry_price or (quote.ltp if quote else None)
    if reference is None or reference <= 0:
        raise Conflict(f"There is no price of {instrument.key} to measure from.", code="no_quote")
    is_option = instrument.instrument_type in OPTION_TYPES
    return Terms(
        tick_size=instrument.tick_size,
        lot_size=instrument.lot_size,
        freeze_quantity=instrument.freeze_quantity,
        expiry=instrument.expiry,
        today=clock.trading_date(at),
        reference=reference,
        band_percent=settings.OPTION_TRIGGER_BAND_PERCENT if is_option else settings.TRIGGER_BAND_PERCENT,
    )


def _create(actor: Actor, account: TradingAccount, instrument: Instrument, intent: TriggerIntent) -> Trigger:
    at = clock.now()
    entry = intent.leg(LegRole.ENTRY)
    terms = terms_for(instrument, at=at, entry_price=entry.price if entry else None)
    faults_raise(market_faults(intent, terms))
    protects = _protects(account, instrument, intent)
    trigger = Trigger(
        id=new_id(),
        organisation_id=account.organisation_id,
        account=account,
        instrument=instrument,
        client_order_id=intent.client_order_id,
        request_hash=trigger_hash(intent),
        kind=intent.kind,
        side=intent.side,
        quantity=intent.quantity,
        product=intent.product,
        strategy=intent.strategy,
        protects=protects,
        expires_on=intent.expires_on or _last_day(instrument, intent.product, at),
        note=intent.note,
        origin=intent.origin,
        status=TriggerStatus.WAITING_ENTRY if entry else TriggerStatus.ACTIVE,
        placed_by=actor.label,
        placed_by_user=actor.user_id,
        created_at=at,
        updated_at=at,
    )
    legs = [_leg(trigger, leg, intent, terms) for leg in intent.legs]
    book = TriggerChange(trigger, legs, actor=actor.label, at=at)
    book.event(TriggerEventType.CREATED, legs=[leg.role for leg in legs], note=intent.note)
    book.save(is_new=True)
    if entry is not None:
        _enter(actor, account, instrument, intent, trigger.id, at)
    _audit(actor, trigger)
    return trigger_get(actor, trigger.id)


def _protects(account: TradingAccount, instrument: Instrument, intent: TriggerIntent) -> bool:
    """Whether the trigger is tied to a position; raises `Conflict` when that is not there or too small."""
    if intent.kind.has_entry:
        return True
    held = position_quantity(
        account_id=account.id, instrument_id=instrument.id, product=intent.product, strategy=intent.strategy
    )
    guarded = max(-held * intent.side.sign, 0)
    must = intent.kind is not TriggerKind.SINGLE or intent.protects is True
    # Nobody can sell what is not there to be delivered, so such a sale is always an exit.
    must = must or (intent.product.takes_delivery and intent.side is Side.SELL)
    if not must and (intent.protects is False or not guarded):
        return False
    if not guarded:
        message = f"There is no {intent.product} position in {instrument.key} that this would close."
        raise Conflict(message, code="nothing_to_protect")
    if intent.quantity > guarded:
        message = f"The position is {guarded} units; {intent.quantity} would go beyond it."
        raise Conflict(message, code="quantity_above_position", errors={"quantity": [message]})
    return True


def _last_day(instrument: Instrument, product: Product, at: datetime) -> date:
    """A year from now or the contract's last day; for INTRADAY the session that runs, or the next one."""
    today = clock.trading_date(at)
    if product is not Product.INTRADAY:
        last = today + LONGEST
        return last if instrument.expiry is None else min(last, instrument.expiry)
    try:
        opens = session_at(instrument, at).opens_at
    except CalendarUnknown:
        opens = None
    return today if opens is None else max(today, clock.trading_date(opens))


def _leg(trigger: Trigger, leg: LegIntent, intent: TriggerIntent, terms: Terms) -> TriggerLeg:
    row = TriggerLeg(
        id=new_id(),
        organisation_id=trigger.organisation_id,
        trigger=trigger,
        role=leg.role,
        order_type=leg.order_type,
        trigger_price=leg.trigger_price,
        price=leg.price,
        trail_points=leg.trail_points,
        trail_percent=leg.trail_percent,
    )
    if leg.role is LegRole.ENTRY:
        return row
    row.direction = _direction(leg, intent, terms)
    if leg.trail is not None:
        row.peak_price = terms.reference
        row.trigger_price = trailed_price(Direction(row.direction), terms.reference, leg.trail, terms.tick_size)
    if leg.order_type is OrderType.LIMIT and leg.price is None:
        row.price = leg.trigger_price
    return row


def _direction(leg: LegIntent, intent: TriggerIntent, terms: Terms) -> Direction:
    if leg.role is not LegRole.SINGLE:
        return direction_of(leg.role, intent.exit_side)
    if leg.direction is not None or leg.trigger_price is None:
        return leg.direction or Direction.ABOVE
    return Direction.ABOVE if leg.trigger_price > terms.reference else Direction.BELOW


def _enter(
    actor: Actor,
    account: TradingAccount,
    instrument: Instrument,
    intent: TriggerIntent,
    trigger_id: UUID,
    at: datetime,
) -> None:
    """Place the entry as the trader's own order; its fills reach the trigger by `triggers_follow`."""
    book = TriggerChange.load(trigger_id, actor=actor.label, at=at)
    leg = book.legs[LegRole.ENTRY]
    leg.attempts = 1
    book.move_leg(leg, LegStatus.FIRED)
    book.event(
        TriggerEventType.ENTRY_PLACED,
        order_type=leg.order_type,
        quantity=intent.quantity,
        price=None if leg.price is None else str(leg.price),
    )
    book.save()
    order = entry_order(intent, client_order_id=f"trg-{leg.id.hex}-1")
    order_accept(actor=actor, account=account, instrument=instrument, intent=order, trigger_leg=leg)


def _audit(actor: Actor, trigger: Trigger) -> None:
    audit_record(
        actor=actor,
        action="trigger.created",
        object_type="trigger",
        object_id=str(trigger.id),
        data={
            "account": str(trigger.account_id),
            "symbol": trigger.instrument.key,
            "kind": trigger.kind,
            "side": trigger.side,
            "quantity": trigger.quantity,
            "expires_on": trigger.expires_on.isoformat(),
        },
    )
