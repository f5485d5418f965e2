"""Firing a leg: the one door for the monitor, the sweep and the retries."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.domain.permissions import Permission, permissions_of
from accounts.models import Membership
from core import clock
from core.errors import Unavailable
from trading.brokers.domain.terms import OrderType
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.gate import GateDecision
from trading.orders.domain.matching import crosses
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.domain.triggers.crossing import crossed, peak_after, trailed_price
from trading.orders.domain.triggers.states import (
    WATCHED_TRIGGERS,
    Direction,
    LegRole,
    LegStatus,
    TriggerStatus,
)
from trading.orders.models import Order, Trigger, TriggerEventType, TriggerLeg
from trading.orders.services.order.context import is_fresh, session_facts
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import position_quantity
from trading.portfolio.services import account_lock

from .alarm import leg_refused, notify_owner
from .cancel import expire_locked
from .change import TriggerChange
from .exits import WATCHER, exit_place, live_exits, live_orders_of, pending, whole_lots, withdraw_all
from .fit import trigger_orphan
from .reshape import is_reshaped, reshaped_end

# A MARKET exit that the market has run away from is placed again, with a new protection band, after this long.
CHASE_AFTER = timedelta(seconds=10)


@transaction.atomic
def trigger_fire(
    *, leg_id: UUID, account_id: UUID, quote: Quote | None, peak: Decimal | None = None
) -> Order | None:
    """Fire a leg that its price has reached, or whose next attempt is due; None when there is nothing to do.

    For the monitor, the sweep and the retries, in a system scope. Takes the account lock and looks at the rows
    again, so whoever comes second finds nothing. Nothing fires while the session is closed or on a stale price:
    the leg stays as it is and fires when it can. `peak` is the best price that the caller has seen, for a
    trailing stop.
    """
    account = account_lock(account_id)
    found = TriggerLeg.objects.filter(id=leg_id, trigger__account_id=account_id)
    trigger_id = found.values_list("trigger_id", flat=True).first()
    if trigger_id is None:
        return None
    at = clock.now()
    book = TriggerChange.load(trigger_id, actor=WATCHER, at=at)
    leg = book.leg_by_id(leg_id)
    if book.trigger.status not in WATCHED_TRIGGERS:
        return None
    if book.trigger.expires_on < clock.trading_date(at):
        expire_locked(book, account=account)
        return None
    if quote is None or not is_fresh(quote) or not session_facts(book.trigger.instrument, at).is_open:
        return None
    if not _is_due(book, leg, quote, peak):
        return None
    return _fire(book, leg, account)


def _is_due(book: TriggerChange, leg: TriggerLeg, quote: Quote, peak: Decimal | None) -> bool:
    if leg.status == LegStatus.REFUSED:
        return leg.next_attempt_at is not None and leg.next_attempt_at <= book.at
    if leg.status != LegStatus.ARMED or leg.trigger_price is None:
        return False
    direction = Direction(leg.direction)
    if leg.trail is not None and leg.peak_price is not None:
        for price in (quote.ltp,) if peak is None else (peak, quote.ltp):
            leg.peak_price = peak_after(direction, leg.peak_price, price)
        leg.trigger_price = trailed_price(direction, leg.peak_price, leg.trail, book.trigger.instrument.tick_size)
    return crossed(direction, leg.trigger_price, quote.ltp)


class _Refused(Exception):
    """Takes the withdrawals back: a target that rests is better than a stop that is refused."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.status_code)
        self.decision = GateDecision("trigger", False, order.status_code, order.status_message)


def _fire(book: TriggerChange, leg: TriggerLeg, account: TradingAccount) -> Order | None:
    trigger = book.trigger
    if not trigger.protects and not _placer_may_trade(trigger):
        message = "Whoever placed it may not trade any more."
        book.finish(TriggerStatus.CANCELLED, TriggerEventType.CANCELLED, "placer_revoked", message)
        book.save()
        notify_owner(trigger, account, title="Trigger cancelled", body=message)
        return None
    if is_reshaped(trigger, clock.trading_date(book.at)):
        reshaped_end(book, account=account)
        return None
    if leg.role == LegRole.TARGET and _stop_is_out(book):
        return None
    wanted, in_the_way = _exit_plan(trigger, leg, account)
    if wanted is None:
        trigger_orphan(trigger, account=account, at=book.at)
        return None
    quantity = whole_lots(trigger, wanted)
    if quantity == 0:
        if wanted:
            message = f"{wanted} units are less than a lot of {trigger.instrument.lot_size}."
            leg_refused(book, leg, account=account, code="not_a_lot_multiple", message=message)
        return None
    if not in_the_way:
        return exit_place(book, leg, account=account, quantity=quantity, event_type=TriggerEventType.FIRED)
    return _fire_instead(book, leg, account, quantity, in_the_way)


def _fire_instead(
    book: TriggerChange, leg: TriggerLeg, account: TradingAccount, quantity: int, in_the_way: list[Order]
) -> Order | None:
    """Withdraw what stands in the way and fire, or leave all as it was and note the refusal."""
    trigger_id, at = book.trigger.id, book.at
    try:
        with transaction.atomic():
            # Kept before the orders are withdrawn, whose changes load the rows anew.
            book.save()
            own = [order for order in in_the_way if order.trigger_id == trigger_id]
            withdraw_all(own, account=account, reason="trigger_sibling")
            others = [order for order in in_the_way if order.trigger_id != trigger_id]
            withdraw_all(others, account=account, reason="trigger_exit")
            ids = [order.id for order in in_the_way]
            if Order.objects.filter(id__in=ids, status__in=sorted(LIVE)).exists():
                # A live broker has yet to confirm. The price keeps the leg due, so the next look fires it.
                return None
            book = TriggerChange.load(trigger_id, actor=WATCHER, at=at)
            if book.is_final:
                return None
            order = exit_place(
                book,
                book.leg_by_id(leg.id),
                account=account,
                quantity=quantity,
                event_type=TriggerEventType.FIRED,
            )
            if order.status == OrderStatus.REJECTED:
                raise _Refused(order)
            return order
    except _Refused as refusal:
        # The account's balance in memory is that of the attempt.
        account = account_lock(account.id)
        book = TriggerChange.load(trigger_id, actor=WATCHER, at=at)
        return exit_place(
            book,
            book.leg_by_id(leg.id),
            account=account,
            quantity=quantity,
            event_type=TriggerEventType.FIRED,
            refused=refusal.decision,
        )


def _exit_plan(trigger: Trigger, leg: TriggerLeg, account: TradingAccount) -> tuple[int | None, list[Order]]:
    """The units to fire, and the orders that have to go first; None for the units when nothing is left to guard.

    A stop goes before everything: the entry's rest, its own target, and whatever else would close the same units.
    A LIMIT exit takes only what no other order closes already.
    """
    in_the_way = live_orders_of(trigger) if leg.role == LegRole.STOP else []
    remaining = trigger.remaining_quantity - (0 if in_the_way else pending(live_exits(trigger)))
    if not trigger.protects:
        return max(remaining, 0), in_the_way
    held = position_quantity(
        account_id=account.id,
        instrument_id=trigger.instrument_id,
        product=trigger.product,
        strategy=trigger.strategy,
    )
    guarded = max(-held * trigger.exit_side.sign, 0)
    if guarded == 0 and trigger.remaining_quantity:
        return None, []
    remaining = max(min(remaining, guarded), 0)
    rivals = _rivals(trigger)
    free = guarded - pending(rivals)
    if leg.order_type != OrderType.MARKET:
        return max(min(remaining, free), 0), in_the_way
    for order in reversed(rivals):
        if free >= remaining:
            break
        free += order.pending_quantity
        in_the_way.append(order)
    return remaining, in_the_way


def _rivals(trigger: Trigger) -> list[Order]:
    """Other live orders that close the same position, the oldest first."""
    live = Order.objects.filter(
        account_id=trigger.account_id,
        instrument_id=trigger.instrument_id,
        product=trigger.product,
        strategy=trigger.strategy,
        side=trigger.exit_side,
        status__in=sorted(LIVE),
    ).exclude(trigger_id=trigger.id)
    return list(live.select_related("instrument").order_by("id"))


def _stop_is_out(book: TriggerChange) -> bool:
    stop = book.legs.get(LegRole.STOP)
    return stop is not None and stop.status in (LegStatus.FIRED, LegStatus.REFUSED)


def _placer_may_trade(trigger: Trigger) -> bool:
    """An exit goes out for whoever owns the position; what opens one needs somebody who still may."""
    if trigger.placed_by_user is None:
        return True
    member = Membership.objects.filter(
        organisation_id=trigger.organisation_id, user_id=trigger.placed_by_user, user__is_active=True
    ).first()
    return member is not None and Permission.PLACE_ORDERS in permissions_of(member.role)


@transaction.atomic
def trigger_chase(*, order_id: UUID, account_id: UUID, at: datetime | None = None) -> Order | None:
    """Place a MARKET exit again that the market has run away from; None when it may fill where it stands.

    For the sweep, in a system scope. The protection band keeps a bad print from filling a stop; a market that stays
    beyond it is real, and the position has to get out.
    """
    account = account_lock(account_id)
    order = (
        Order.objects.select_related("instrument", "trigger_leg")
        .filter(id=order_id, status__in=sorted(LIVE))
        .first()
    )
    moment = at or clock.now()
    if order is None or order.trigger_leg is None or order.worst_price is None:
        return None
    try:
        quote = quote_latest(order.instrument.key)
    except Unavailable:
        return None
    if quote is None or not is_fresh(quote) or not session_facts(order.instrument, moment).is_open:
        return None
    best = quote.bid if order.side == "SELL" else quote.ask
    if best is None or crosses(order.to_broker_order(order.instrument.key).side, best, order.worst_price):
        return None
    withdraw_all([order], account=account, reason="trigger_resized")
    assert order.trigger_id is not None
    book = TriggerChange.load(order.trigger_id, actor=WATCHER, at=moment)
    if book.is_final:
        return None
    leg = book.leg_by_id(order.trigger_leg_id)
    book.event(TriggerEventType.REPRICED, leg=leg.role, order=str(order.id), was=str(order.worst_price))
    return _fire(book, leg, account)


def stuck_exits(at: datetime) -> list[tuple[UUID, UUID]]:
    """MARKET exits of triggers (order, account) in the market for longer than a market order takes. Needs a system
    scope."""
    stuck = Order.objects.filter(
        trigger__isnull=False,
        trigger_leg__status=LegStatus.FIRED,
        trigger_leg__role__in=[LegRole.STOP, LegRole.SINGLE, LegRole.TARGET],
        order_type=OrderType.MARKET,
        status__in=sorted(LIVE),
        created_at__lt=at - CHASE_AFTER,
    )
    return list(stuck.values_list("id", "account_id"))
