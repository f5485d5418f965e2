"""Closing auctions of instruments on which paper orders rest: begun, uncrossed once, posted order by order."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce

from core import clock
from core.errors import SaudaError
from trading.brokers.domain.messages import Execution
from trading.brokers.domain.terms import OrderType, Side
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase, PhaseWindow, Segment
from trading.instruments.models import Instrument
from trading.instruments.selectors import market_never_closes, segment_for, session_windows
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.orders.domain.auction import AuctionOrder, shared_volume, uncross
from trading.orders.domain.states import WORKING, OrderStatus
from trading.orders.models import AuctionResult, Fill, Order
from trading.orders.paper.venue import venue_of
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock

logger = logging.getLogger(__name__)

AUCTIONEER = "closing auction"
# A closing price that has not come by then does not come any more, and the orders expire.
PATIENCE = timedelta(minutes=15)


def auction_of(segment: Segment, at: datetime) -> PhaseWindow | None:
    """A segment's closing auction of the day, whether it has begun or not; None where there is none."""
    if market_never_closes():
        return None
    try:
        windows = session_windows(segment, clock.trading_date(at))
    except CalendarUnknown:
        return None
    return next((window for window in windows if window.phase is Phase.CLOSING_AUCTION), None)


def is_awaited(instrument: Instrument, at: datetime) -> bool:
    """Whether an auction has ended that is still to be uncrossed and posted, so that its orders must not expire."""
    auction = auction_of(segment_for(instrument), at)
    if auction is None or not auction.ends <= at < auction.ends + PATIENCE:
        return False
    day = clock.trading_date(at)
    return not AuctionResult.objects.filter(instrument=instrument, day=day, settled_at__isnull=False).exists()


def auctions_run(at: datetime | None = None) -> int:
    """Begin, uncross and post the closing auctions that are due; returns the units traded. In a system scope.

    For the sweep, and before orders expire. Running it too often does nothing.
    """
    moment = at or clock.now()
    due = {segment: auction for segment in Segment if (auction := auction_of(segment, moment))}
    due = {s: auction for s, auction in due.items() if auction.starts <= moment < auction.ends + PATIENCE}
    if not due:
        return 0
    resting = [instrument for instrument in _instruments_resting() if segment_for(instrument) in due]
    quotes = quotes_latest(instrument.key for instrument in resting)
    return sum(
        _run(instrument, due[segment_for(instrument)], quotes.get(instrument.key), moment) for instrument in resting
    )


def _instruments_resting() -> Iterable[Instrument]:
    working = Order.objects.filter(status__in=sorted(WORKING), account__broker=TradingAccount.Broker.PAPER)
    return Instrument.objects.filter(id__in=working.values("instrument")).order_by("key")


def _run(instrument: Instrument, auction: PhaseWindow, quote: Quote | None, at: datetime) -> int:
    if quote is None or clock.trading_date(quote.timestamp) != clock.trading_date(at):
        return 0
    result, _ = AuctionResult.objects.get_or_create(
        instrument=instrument, day=clock.trading_date(at), defaults={"opening_volume": quote.volume}
    )
    if at < auction.ends or result.settled_at is not None or quote.timestamp < auction.starts:
        return 0
    if result.uncrossed_at is None:
        _uncross(result.pk, quote, at)
    return _settle(result.pk, quote, at)


@transaction.atomic
def _uncross(result_id: int, quote: Quote, at: datetime) -> None:
    """Fix once what every order of the auction trades, and at which price."""
    result = AuctionResult.objects.select_for_update().select_related("instrument").get(pk=result_id)
    if result.uncrossed_at is not None:
        return
    venue = venue_of(result.instrument, quote, result.day)
    available = shared_volume(
        opening=result.opening_volume,
        closing=quote.volume,
        participation=venue.terms.participation,
        lot_size=venue.lot_size,
    )
    orders = list(_standing(result.instrument))
    shares = uncross(orders, price=quote.ltp, volume=available)
    by_side = {order.id: order.side for order in orders}
    result.price = quote.ltp
    result.volume = max(quote.volume - result.opening_volume, 0)
    result.bought = sum(units for order, units in shares.items() if by_side[order] is Side.BUY)
    result.sold = sum(units for order, units in shares.items() if by_side[order] is Side.SELL)
    result.shares = {str(order): units for order, units in shares.items()}
    result.uncrossed_at = at
    result.save()


def _standing(instrument: Instrument) -> Iterable[AuctionOrder]:
    """Orders in the book of the auction; stops that nothing has triggered are not in it."""
    rows = Order.objects.filter(
        instrument=instrument,
        status__in=[OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED],
        account__broker=TradingAccount.Broker.PAPER,
        worst_price__isnull=False,
    ).values_list(
        "id",
        "side",
        "order_type",
        "worst_price",
        "quantity",
        "filled_quantity",
        Coalesce("priority_at", "created_at"),
    )
    for order_id, side, order_type, worst, quantity, filled, since in rows:
        is_market = not OrderType(order_type).has_limit
        yield AuctionOrder(order_id, Side(side), is_market, worst, quantity - filled, since)


def _settle(result_id: int, quote: Quote, at: datetime) -> int:
    """Post what each order trades, in transactions of their own; settled once none has failed."""
    result = AuctionResult.objects.get(pk=result_id)
    units, failed = 0, False
    for order_id, share in result.shares.items():
        assert result.price is not None
        try:
            units += _post(UUID(order_id), share, result.price, quote, at)
        except SaudaError:
            failed = True
            logger.exception("auction trade could not be posted", extra={"order": order_id})
    if not failed:
        AuctionResult.objects.filter(pk=result_id).update(settled_at=at)
    return units


@transaction.atomic
def _post(order_id: UUID, units: int, price: Decimal, quote: Quote, at: datetime) -> int:
    account = account_lock(Order.objects.values_list("account_id", flat=True).get(id=order_id))
    order = Order.objects.select_related("instrument").get(id=order_id)
    trade_id = f"{order.id.hex}-{clock.trading_date(at):%Y%m%d}-auction"
    traded = Fill.objects.filter(account=account, broker_trade_id=trade_id).exists()
    if traded or order.status not in WORKING:
        return 0
    change = OrderChange(order, account=account, instrument=order.instrument, actor=AUCTIONEER, at=at)
    units = min(units, order.pending_quantity)
    change.apply([Execution(trade_id, units, price, quote.timestamp)])
    fills = order_save(change)
    notify_outcome(order, instrument=order.instrument, account=account, fills=fills)
    return units
