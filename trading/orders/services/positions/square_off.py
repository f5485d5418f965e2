"""Closing intraday positions for those who have not done so when the segment's intraday trading ends.

A warning first; then resting INTRADAY orders are cancelled and every open position is closed through the same door
as any order, origin SYSTEM. What cannot be closed (a halt, no liquidity, a desk that is stopped) is tried again
until the session ends, and its owner is alarmed; what is left then is reported, never forgotten silently.
"""

import logging
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from accounts.domain.actor import Actor, system_actor
from core import clock
from core.errors import SaudaError
from core.money import format_inr, to_paise
from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.brokers.domain.terms import Product
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import LIVE
from trading.orders.models import Order, SquareOff
from trading.orders.services.order.cancel import order_withdraw
from trading.orders.services.positions.close import position_close
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind
from trading.portfolio.domain.trade import segment_of
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.selectors.dated import SquareOffTimes, square_off_times
from trading.portfolio.selectors.rates import charge_rates
from trading.portfolio.services import account_lock, position_event_post

logger = logging.getLogger(__name__)

SQUARE_OFF = "square-off"
RETRY_AFTER = timedelta(seconds=30)
ALARM_EVERY = timedelta(minutes=5)
# A position above the freeze quantity is closed in slices, and a thin book may take several looks.
MOST_ORDERS_A_ROUND = 10


def square_off_run(at: datetime | None = None, *, segments: tuple[Segment, ...] = tuple(Segment)) -> int:
    """Warn, close, try again or report, whatever is due now; returns how many accounts were concerned.

    Needs a system scope. Idempotent: a second run at the same moment finds nothing due.
    """
    moment = at or clock.now()
    on = clock.trading_date(moment)
    concerned = 0
    for segment in segments:
        times = square_off_times(segment, on)
        if times is None or moment < times.warn_at:
            continue
        for account_id in _accounts_with_intraday(segment):
            try:
                concerned += _account_run(account_id, times, on, moment)
            except (SaudaError, DatabaseError):
                logger.exception("square-off failed", extra={"account": str(account_id), "segment": segment})
    return concerned


def _account_run(account_id: UUID, times: SquareOffTimes, on: date, moment: datetime) -> bool:
    with transaction.atomic():
        account = account_lock(account_id)
        row, _ = SquareOff.objects.get_or_create(
            account_id=account_id,
            segment=times.segment,
            date=on,
            defaults={"organisation_id": account.organisation_id},
        )
        if row.finished_at is not None or (row.next_at is not None and moment < row.next_at):
            return False
        if moment < times.square_off_at:
            return _warn(row, account, times, moment)
        row.attempts += 1
        row.next_at = moment + RETRY_AFTER
        row.save(update_fields=["attempts", "next_at"])
    _close_all(row, times, moment)
    return True


def _warn(row: SquareOff, account: TradingAccount, times: SquareOffTimes, moment: datetime) -> bool:
    if row.warned_at is not None:
        return False
    names = ", ".join(position.instrument.key for position in _open(account.id, times.segment)[:5])
    if not names:
        return False
    when = times.square_off_at.astimezone(clock.IST)
    _notify(
        account,
        title=f"Intraday positions are closed at {when:%H:%M}",
        body=f"{names}. Close or convert them before; each order we place then costs {format_inr(times.fee)} "
        "and GST.",
    )
    row.warned_at = moment
    row.save(update_fields=["warned_at"])
    return True


def _close_all(row: SquareOff, times: SquareOffTimes, moment: datetime) -> None:
    """One round: cancel what rests, close what is open, then say what is left. Each in its own transaction."""
    actor = system_actor(row.organisation_id, SQUARE_OFF)
    account: TradingAccount = row.account
    _cancel_resting(account.id, times.segment, actor)
    reasons = [_close(position, times, actor) for position in _open(account.id, times.segment)]
    with transaction.atomic():
        account = account_lock(account.id)
        left = _open(account.id, times.segment)
        row.refresh_from_db()
        row.left = len(left)
        row.reason = next((reason for reason in reasons if reason), "")[:255]
        row.orders = _orders_traded(account.id, row.date, times.segment)
        if not left:
            row.finished_at = moment
        elif moment >= times.session_ends:
            row.finished_at = moment
            _report(account, left, row.reason)
        elif row.alarmed_at is None or moment - row.alarmed_at >= ALARM_EVERY:
            row.alarmed_at = moment
            _alarm(account, left, row.reason)
        row.save()


def _cancel_resting(account_id: UUID, segment: Segment, actor: Actor) -> None:
    with transaction.atomic():
        account = account_lock(account_id)
        resting = Order.objects.filter(
            account_id=account_id,
            product=Product.INTRADAY,
            status__in=sorted(LIVE),
        ).select_related("instrument")
        for order in resting.order_by("id"):
            # What waits for its session has another day to go to.
            if not order.is_queued and segment_for(order.instrument) is segment:
                order_withdraw(order, account=account, actor=actor, reason="square_off")


def _close(position: Position, times: SquareOffTimes, actor: Actor) -> str:
    """Close one position, in as many orders as it takes; returns why it is still open, or nothing."""
    for _ in range(MOST_ORDERS_A_ROUND):
        try:
            with transaction.atomic():
                order = position_close(actor=actor, position_id=position.id, origin=Origin.SYSTEM)
                for each in _slices(order):
                    _charge(each, position, times)
        except SaudaError as error:
            return "" if error.code == "position_flat" else error.detail
        if not order.filled_quantity:
            return order.status_message or "No one takes the other side."
    return ""


def _slices(order: Order) -> list[Order]:
    """The orders that a close became: above the exchange's freeze quantity they are a group."""
    return [order] if order.group_id is None else list(Order.objects.filter(group_id=order.group_id).order_by("id"))


def _charge(order: Order, position: Position, times: SquareOffTimes) -> None:
    """The fee for one closing order that traded, with GST, as an event of its own."""
    if not order.filled_quantity or not times.fee:
        return
    account = account_lock(order.account_id)
    current = Position.objects.select_related("instrument").get(id=position.id)
    instrument: Instrument = current.instrument
    at = order.updated_at
    day = clock.trading_date(at)
    rates = charge_rates(instrument.exchange, segment_of(instrument.instrument_type, current.product), day)
    position_event_post(
        account=account,
        position=current,
        facts=EventFacts(
            kind=PositionEventKind.SQUARE_OFF_FEE,
            day=day,
            charges_paise=to_paise(times.fee) + to_paise(times.fee * rates.gst_rate),
        ),
        source_id=uuid5(order.id, SQUARE_OFF),
        at=at,
        description=f"Square-off of {order.filled_quantity} {instrument.key}: {format_inr(times.fee)} and GST",
        data={"order": str(order.id), "fee": str(times.fee), "gst": str(rates.gst_rate)},
    )


def _intraday() -> QuerySet[Position]:
    return Position.objects.filter(product=Product.INTRADAY, account__mode=TradingAccount.Mode.PAPER).exclude(
        quantity=0
    )


def _accounts_with_intraday(segment: Segment) -> list[UUID]:
    positions = _intraday().select_related("instrument")
    found = {position.account_id for position in positions if segment_for(position.instrument) is segment}
    orders = Order.objects.filter(
        product=Product.INTRADAY,
        status__in=sorted(LIVE),
        account__mode=TradingAccount.Mode.PAPER,
    ).select_related("instrument")
    found |= {
        order.account_id for order in orders if not order.is_queued and segment_for(order.instrument) is segment
    }
    return sorted(found)


def _open(account_id: UUID, segment: Segment) -> list[Position]:
    rows = _intraday().filter(account_id=account_id).select_related("instrument").order_by("id")
    return [position for position in rows if segment_for(position.instrument) is segment]


def _orders_traded(account_id: UUID, on: date, segment: Segment) -> int:
    start, end = clock.ist_day_span(on)
    orders = Order.objects.filter(
        account_id=account_id,
        placed_by=SQUARE_OFF,
        filled_quantity__gt=0,
        created_at__gte=start,
        created_at__lt=end,
    ).select_related("instrument")
    return sum(segment_for(order.instrument) is segment for order in orders)


def _alarm(account: TradingAccount, left: list[Position], reason: str) -> None:
    _notify(
        account,
        title=f"Square-off: {len(left)} position{'s' if len(left) > 1 else ''} could not be closed yet",
        body=f"{_names(left)}. {reason} We try again every {RETRY_AFTER.seconds} seconds.",
    )


def _report(account: TradingAccount, left: list[Position], reason: str) -> None:
    logger.error("intraday positions left open", extra={"account": str(account.id), "positions": _names(left)})
    _notify(
        account,
        title=f"Square-off: {len(left)} intraday position{'s' if len(left) > 1 else ''} carried overnight",
        body=f"{_names(left)}. {reason} Close or convert them at the next opening.",
    )


def _names(positions: list[Position]) -> str:
    return ", ".join(f"{position.quantity} {position.instrument.key}" for position in positions[:5])


def _notify(account: TradingAccount, *, title: str, body: str) -> None:
    notification_send(
        organisation_id=account.organisation_id,
        user_id=account.owner_id,
        kind=NotificationKind.RISK,
        title=title,
        body=body,
        link="/positions/",
    )
