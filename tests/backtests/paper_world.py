"""A strategy on a paper account while a day is replayed: the host over the real services, tick by tick."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from core.clock import IST, trading_date, wall_now
from core.errors import SaudaError
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import MINUTE, BarSeries, Interval, unscale_price
from trading.marketdata.domain.minute_ticks import MinuteBar, minute_ticks
from trading.marketdata.domain.quote import Quote
from trading.marketdata.feeds.book import QuoteBook
from trading.marketdata.selectors import quote_latest
from trading.marketdata.services import quote_publish
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.domain.modification import OrderModification
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Fill as FillModel
from trading.orders.models import Order
from trading.orders.paper.matcher import PaperMatcher
from trading.orders.services import order_cancel, order_modify, order_submit
from trading.orders.services.order.cancel import orders_expire
from trading.orders.services.positions.square_off import square_off_run
from trading.strategies.domain.host import StrategyHost
from trading.strategies.domain.market import Bar, Contract, Fill, OrderView
from trading.strategies.domain.wish import OrderWish

RUN = "parity"


def minute_of(instrument: Instrument, row: Sequence[int], traded: int) -> MinuteBar:
    """A stored row of minutes as it is replayed; `traded` is the session's volume before it."""
    start, opening, high, low, close, volume, oi = row
    return MinuteBar(
        key=instrument.key,
        start=start,
        open=opening,
        high=high,
        low=low,
        close=close,
        volume=volume,
        oi=oi,
        volume_before=traded,
        tick=int(instrument.tick_size * 10_000),
        lot=instrument.lot_size,
        has_book=True,
    )


class PaperDesk:
    """What a strategy's host needs of a paper account, for orders in one share."""

    def __init__(self, desk: Desk, tell: Callable[[], None]) -> None:
        self._desk, self._tell = desk, tell
        self._names = count(1)
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment

    def submit(self, wish: OrderWish) -> OrderView:
        intent = OrderIntent(
            account_id=self._desk.account.id,
            key=wish.symbol,
            side=wish.side,
            quantity=wish.quantity,
            order_type=wish.order_type,
            product=wish.product,
            client_order_id=f"{RUN}-{next(self._names)}",
            validity=wish.validity,
            price=wish.price,
            trigger_price=wish.trigger_price,
            origin=Origin.STRATEGY,
            strategy=RUN,
            tag=wish.tag,
        )
        order = order_submit(actor=self._desk.trader, intent=intent)
        self._tell()
        return view_of(order)

    def modify(
        self, order_id: str, *, quantity: int | None, price: Decimal | None, trigger_price: Decimal | None
    ) -> OrderView:
        modification = OrderModification(quantity=quantity, price=price, trigger_price=trigger_price)
        # What cannot be changed stays as it is.
        with suppress(SaudaError):
            order_modify(actor=self._desk.trader, order_id=UUID(order_id), modification=modification)
        self._tell()
        return view_of(Order.objects.get(id=order_id))

    def cancel(self, order_id: str) -> OrderView:
        order = order_cancel(actor=self._desk.trader, order_id=UUID(order_id))
        self._tell()
        return view_of(order)

    def available(self) -> Decimal:
        self._desk.account.refresh_from_db()
        return Decimal(self._desk.account.balance.available_paise) / 100

    def quote(self, symbol: str) -> Quote | None:
        return quote_latest(symbol)

    def last_price(self, symbol: str) -> Decimal | None:
        quote = self.quote(symbol)
        return None if quote is None else quote.ltp

    def contract(self, symbol: str) -> Contract:
        instrument = self._desk.instrument
        return Contract(symbol, instrument.tick_size, instrument.lot_size)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


class PaperDay:
    """Replays a day's minutes to the paper exchange and to a strategy's host."""

    def __init__(self, desk: Desk, set_clock: Callable[[datetime], None], *, steps: int) -> None:
        self._desk, self._set_clock, self._steps = desk, set_clock, steps
        self._matcher = PaperMatcher()
        self._told: set[UUID] = set()
        self._states: dict[UUID, str] = {}
        self.port = PaperDesk(desk, self._tell_host)
        self.host: StrategyHost | None = None

    def play(self, host: StrategyHost, bars: BarSeries, opens: datetime, closes: datetime) -> None:
        """All ticks of the day in order; at each instant books and fills first, then bars, then the clock."""
        self.host = host
        book = QuoteBook({})
        traded = 0
        before: Bar | None = None
        self._at(opens)
        host.start()
        for row in bars.columns().tolist():
            minute = minute_of(self._desk.instrument, row, traded)
            traded += minute.volume
            for step, tick in enumerate(minute_ticks(minute, self._steps)):
                self._at(tick.timestamp)
                quote = book.update(tick, wall_now(), "replay")
                quote_publish([quote])
                with system_scope():
                    self._matcher._read_at = float("-inf")
                    self._matcher.on_quotes({quote.key: quote})
                self._tell_host()
                if step == 0 and before is None:
                    host.session_opened(trading_date(opens), opens, closes)
                if step == 0 and before is not None:
                    host.bars_closed([before])
                self._square_off(tick.timestamp)
                host.clock_reached(tick.timestamp)
            before = bar_of(self._desk.instrument.key, row)
        self._at(closes)
        if before is not None:
            host.bars_closed([before])
        with system_scope():
            orders_expire(closes)
        self._tell_host()

    def _at(self, moment: datetime) -> None:
        self._set_clock(moment)
        self.port.moment = moment

    def _square_off(self, moment: datetime) -> None:
        if moment.astimezone(IST).hour >= 15:
            with system_scope():
                square_off_run(moment)
            self._tell_host()

    def _tell_host(self) -> None:
        """Tell what is new of fills and orders, in the order in which it was written."""
        host = self.host
        assert host is not None
        with tenant_scope(self._desk.organisation.id):
            fills = FillModel.objects.filter(account=self._desk.account).select_related("order", "instrument")
            for row in fills.order_by("id"):
                if row.id not in self._told:
                    self._told.add(row.id)
                    host.fill(_fill(row))
            for order in (
                Order.objects.filter(account=self._desk.account).select_related("instrument").order_by("id")
            ):
                state = f"{order.status} {order.filled_quantity} {order.quantity} {order.price}"
                if self._states.get(order.id) != state:
                    self._states[order.id] = state
                    host.order_changed(view_of(order))


def view_of(order: Order) -> OrderView:
    """A stored order as its strategy sees it."""
    return OrderView(
        id=str(order.id),
        symbol=order.instrument.key,
        side=Side(order.side),
        quantity=order.quantity,
        order_type=OrderType(order.order_type),
        product=Product(order.product),
        status=OrderStatus(order.status),
        filled_quantity=order.filled_quantity,
        average_price=order.average_price,
        price=order.price,
        trigger_price=order.trigger_price,
        reason_code=order.status_code,
        reason=order.status_message,
        tag=order.tag,
    )


def paper_trades(desk: Desk) -> list[tuple[Any, ...]]:
    """What the account traded: when, side, units, price, and each line of charges in paise."""
    rows = FillModel.objects.filter(account=desk.account).order_by("id")
    lines = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst")
    return [
        (
            row.traded_at,
            row.side,
            row.quantity,
            row.price,
            tuple(getattr(row, f"{line}_paise") for line in lines),
            row.charges_paise,
        )
        for row in rows
    ]


def paper_orders(desk: Desk) -> list[tuple[Any, ...]]:
    """What became of the account's orders."""
    rows = Order.objects.filter(account=desk.account).order_by("id")
    return [
        (row.side, row.order_type, row.quantity, row.filled_quantity, row.status, row.status_code) for row in rows
    ]


def _fill(row: FillModel) -> Fill:
    return Fill(
        order_id=str(row.order_id),
        symbol=row.instrument.key,
        side=Side(row.side),
        quantity=row.quantity,
        price=row.price,
        charges=Decimal(row.charges_paise) / 100,
        at=row.traded_at,
        tag=row.order.tag,
    )


def bar_of(key: str, row: Sequence[int]) -> Bar:
    """A stored row of minutes as strategies are told it."""
    start, *prices, volume, oi = row
    opening, high, low, close = (float(unscale_price(price)) for price in prices)
    return Bar(key, Interval.M1, start, start + MINUTE, opening, high, low, close, volume, oi)
