"""The host: the same numbers whether bars are laid out or pushed, one hook at a time, a memory that survives."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core.errors import InvalidInput, NotFound
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.states import OrderStatus
from trading.strategies.domain import Strategy
from trading.strategies.domain.host import History, StrategyFailed, StrategyHost
from trading.strategies.domain.host.chart import bar_rows
from trading.strategies.domain.host.hooks import MOST_AT_ONCE
from trading.strategies.domain.market import Contract, Fill, OrderView
from trading.strategies.domain.wish import OrderWish

SYMBOL, OTHER = "NSE:ONE", "NSE:TWO"
OPEN = 1704080700
AT = datetime(2024, 1, 1, 4, tzinfo=UTC)


class FakeDesk:
    """Fills every MARKET order at once at 100, and tells of it before it answers."""

    def __init__(self) -> None:
        self.host: StrategyHost | None = None
        self.sent: list[OrderWish] = []
        self.moment = AT
        self.refuses = False

    def now(self) -> datetime:
        return self.moment

    def submit(self, wish: OrderWish) -> OrderView:
        assert self.host is not None
        self.sent.append(wish)
        name, status = f"order-{len(self.sent)}", OrderStatus.FILLED
        if self.refuses:
            status = OrderStatus.REJECTED
        elif wish.order_type is OrderType.MARKET:
            fill = Fill(name, wish.symbol, wish.side, wish.quantity, Decimal(100), Decimal("1.5"), self.moment)
            self.host.fill(fill)
        else:
            status = OrderStatus.OPEN
        view = OrderView(
            name, wish.symbol, wish.side, wish.quantity, wish.order_type, wish.product, status, price=wish.price
        )
        self.host.order_changed(view)
        return view

    def cancel(self, order_id: str) -> OrderView:
        assert self.host is not None
        before = self.host.working[order_id]
        return OrderView(
            before.id,
            before.symbol,
            before.side,
            before.quantity,
            before.order_type,
            before.product,
            OrderStatus.CANCELLED,
        )

    def quote(self, symbol: str) -> Quote:
        price = Decimal(100)
        return Quote(
            key=symbol,
            ltp=price,
            open=price,
            high=price,
            low=price,
            close=price,
            timestamp=self.moment,
            received_at=self.moment,
            source="fake",
        )

    def last_price(self, symbol: str) -> Decimal | None:
        quote = self.quote(symbol)
        return None if quote is None else quote.ltp

    def contract(self, symbol: str) -> Contract:
        return Contract(symbol, Decimal("0.05"), 1)

    def available(self) -> Decimal:
        return Decimal(1000)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


def host_of(strategy: Strategy, symbols: tuple[str, ...] = (SYMBOL,)) -> tuple[StrategyHost, FakeDesk]:
    desk = FakeDesk()
    host = StrategyHost(
        strategy, desk, symbols=symbols, interval=Interval.M1, product=Product.INTRADAY, capital=Decimal(10_000)
    )
    desk.host = host
    return host, desk


def history(count: int, seed: int = 1) -> History:
    chance = np.random.default_rng(seed)
    start = OPEN + 60 * np.arange(count, dtype=np.int64)
    path = 100_0000 + 500 * np.cumsum(chance.integers(-4, 5, count + 1))
    opening, close = path[:-1], path[1:]
    high, low = np.maximum(opening, close) + 500, np.minimum(opening, close) - 500
    volume = chance.integers(1, 900, count)
    series = BarSeries(start, opening, high, low, close, volume, np.zeros(count, dtype=np.int64))
    return History(series, start + 60, np.full(count, OPEN))


class Reader(Strategy):
    """Notes what its lines say at each bar."""

    def setup(self, setup: Any) -> None:
        self.lines = [
            setup.indicator("rsi", period=7),
            setup.indicator("vwap"),
            setup.indicator("ema", period=5),
            setup.indicator("macd", output="signal"),
            setup.indicator("atr", period=5),
        ]
        self.seen: list[list[float]] = []
        self.bars: list[Any] = []

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.seen.append([value for line in self.lines for value in (line.now, line.before, line.at(3))])
        self.bars.append(ctx.bars(4))


@pytest.mark.parametrize("known", [0, 1, 40])
def test_lines_are_the_same_laid_out_ahead_and_pushed_one_by_one(known: int) -> None:
    whole = history(80)
    ahead, pushed = Reader(), Reader()
    host, _ = host_of(ahead)
    host.lay_out(SYMBOL, Interval.M1, whole, known)
    live, _ = host_of(pushed)
    live.lay_out(
        SYMBOL, Interval.M1, History(whole.series.part(0, known), whole.ends[:known], whole.sessions[:known])
    )
    opens = datetime.fromtimestamp(OPEN, UTC)
    for each in (host, live):
        each.session_opened(date(2024, 1, 1), opens, opens + timedelta(hours=6))
        for bar in bar_rows(SYMBOL, Interval.M1, whole, known, 80):
            each.bars_closed([bar])
    assert np.array_equal(np.array(ahead.seen), np.array(pushed.seen), equal_nan=True)
    assert ahead.bars == pushed.bars
    assert len(ahead.seen) == 80 - known


def test_a_line_says_nothing_before_its_first_bar_and_never_the_future() -> None:
    strategy = Reader()
    host, _ = host_of(strategy)
    host.lay_out(SYMBOL, Interval.M1, history(30), 0)
    assert np.isnan(strategy.lines[0].now)
    with pytest.raises(ValueError, match="no future"):
        strategy.lines[0].at(-1)


def test_a_hook_is_never_called_inside_another() -> None:
    told: list[str] = []

    class Nested(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            told.append("bar begins")
            ctx.buy(3)
            told.append(f"holds {ctx.position().quantity}")

        def on_fill(self, ctx: Any, fill: Fill) -> None:
            told.append("fill")

    host, _ = host_of(Nested())
    host.lay_out(SYMBOL, Interval.M1, history(1), 0)
    host.bars_closed(bar_rows(SYMBOL, Interval.M1, history(1), 0, 1))
    assert told == ["bar begins", "holds 3", "fill"]


def test_a_refusal_is_told_once() -> None:
    told: list[str] = []

    class Refused(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            told.append(ctx.buy(3).status)

        def on_order(self, ctx: Any, order: OrderView) -> None:
            told.append(f"order {order.status}")

    host, desk = host_of(Refused())
    desk.refuses = True
    host.lay_out(SYMBOL, Interval.M1, history(1), 0)
    host.bars_closed(bar_rows(SYMBOL, Interval.M1, history(1), 0, 1))
    assert told == ["REJECTED", "order REJECTED"]


def test_a_target_cancels_what_is_pending_and_sends_the_difference() -> None:
    class Targeting(Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.buy(3)
            ctx.buy(5, price=90.02)
            ctx.target(10)
            ctx.target(10)
            ctx.target(share=-0.5)

    host, desk = host_of(Targeting())
    host.start()
    assert [(wish.side, wish.quantity) for wish in desk.sent] == [
        (Side.BUY, 3),
        (Side.BUY, 5),
        (Side.BUY, 7),
        (Side.SELL, 59),
    ]
    assert desk.sent[1].price == Decimal("90.00")
    assert not host.working


def test_what_a_strategy_holds_and_remembers_survives_a_restart() -> None:
    class Remembering(Strategy):
        def on_start(self, ctx: Any) -> None:
            if ctx.recall("count") is None:
                ctx.remember("count", 1)
                ctx.buy(4)
                ctx.at((ctx.now + timedelta(minutes=5)).time(), "later")

    first, _ = host_of(Remembering())
    first.session_opened(date(2024, 1, 1), AT, AT + timedelta(hours=5))
    first.start()
    state = json.loads(json.dumps(first.state()))
    second, desk = host_of(Remembering())
    second.restore(state)
    second.start()
    assert not desk.sent
    assert second.holding(SYMBOL) == first.holding(SYMBOL)
    assert second.times == first.times
    assert second.holding(SYMBOL).charges == Decimal("1.5")


def test_a_hook_that_raises_is_named_with_the_moment() -> None:
    class Broken(Strategy):
        def on_start(self, ctx: Any) -> None:
            raise KeyError("nothing")

    host, _ = host_of(Broken())
    with pytest.raises(StrategyFailed) as failed:
        host.start()
    assert failed.value.hook == "on_start"
    assert failed.value.at == AT


def test_times_are_called_in_order_when_they_have_come() -> None:
    told: list[str] = []

    class Timed(Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.at((ctx.now + timedelta(minutes=2)).time(), "second")
            ctx.at((ctx.now + timedelta(minutes=1)).time(), "first")
            ctx.at((ctx.now - timedelta(minutes=1)).time(), "past")

        def on_time(self, ctx: Any, name: str) -> None:
            told.append(name)

    host, desk = host_of(Timed())
    host.start()
    assert told == ["past"]
    desk.moment = AT + timedelta(minutes=3)
    host.clock_reached(desk.moment)
    assert told == ["past", "first", "second"]


@pytest.mark.parametrize(
    ("declare", "error", "code"),
    [
        (lambda setup: setup.indicator("nothing"), NotFound, "unknown_indicator"),
        (lambda setup: setup.indicator("sma", period=0), InvalidInput, "parameter_out_of_bounds"),
        (lambda setup: setup.indicator("sma", output="nothing"), NotFound, "unknown_output"),
    ],
)
def test_a_declaration_that_cannot_be_met_is_refused(declare: Any, error: type[Exception], code: str) -> None:
    class Declaring(Strategy):
        def setup(self, setup: Any) -> None:
            declare(setup)

    with pytest.raises(error) as refused:
        host_of(Declaring())
    assert refused.value.code == code  # type: ignore[attr-defined]


def test_bars_of_one_instant_are_told_in_the_order_of_declaration() -> None:
    told: list[Any] = []

    class Several(Strategy):
        symbols_wanted = (1, 3)

        def on_bar(self, ctx: Any, bar: Any) -> None:
            told.append(bar.symbol)

        def on_bars(self, ctx: Any, bars: Any) -> None:
            told.append(sorted(bars))

    host, _ = host_of(Several(), (SYMBOL, OTHER))
    bars: Sequence[Any] = []
    for symbol in (OTHER, SYMBOL):
        host.lay_out(symbol, Interval.M1, history(1), 0)
        bars = [*bars, *bar_rows(symbol, Interval.M1, history(1), 0, 1)]
    host.bars_closed(bars)
    assert told == [SYMBOL, OTHER, [SYMBOL, OTHER]]


class Asks(Strategy):
    """Wants what it is told to want."""

    quantity: Any = 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(self.quantity)


@pytest.mark.parametrize(
    "quantity", [float("nan"), float("inf"), 1.5, "5", None, True, 2**63, -(2**63), Decimal(2)]
)
def test_a_quantity_that_is_no_number_of_units_reaches_no_desk(quantity: Any) -> None:
    strategy = Asks()
    strategy.quantity = quantity
    host, desk = host_of(strategy)
    whole = history(1)
    with pytest.raises(StrategyFailed) as failure:
        host.bars_closed(bar_rows(SYMBOL, Interval.M1, whole, 0, 1))
    assert isinstance(failure.value.__cause__, InvalidInput)
    assert failure.value.__cause__.code == "invalid_quantity"
    assert desk.sent == []


def test_a_quantity_of_numpy_is_one_of_python() -> None:
    strategy = Asks()
    strategy.quantity = np.int64(7)
    host, desk = host_of(strategy)
    host.bars_closed(bar_rows(SYMBOL, Interval.M1, history(1), 0, 1))
    assert type(desk.sent[0].quantity) is int


class Stubborn(Asks):
    """Sends its order again whenever it is refused."""

    def on_order(self, ctx: Any, order: OrderView) -> None:
        ctx.buy(1)


class Hasty(Asks):
    """Asks for the time that is."""

    def on_time(self, ctx: Any, name: str) -> None:
        ctx.at(ctx.now.time(), name)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.at(ctx.now.time(), "now")


@pytest.mark.parametrize("strategy", [Stubborn(), Hasty()])
def test_hooks_that_cause_each_other_without_end_are_ended(strategy: Strategy) -> None:
    host, desk = host_of(strategy)
    desk.refuses = True
    with pytest.raises(StrategyFailed, match="without end"):
        host.bars_closed(bar_rows(SYMBOL, Interval.M1, history(1), 0, 1))
    assert len(desk.sent) <= MOST_AT_ONCE + 1


class Does(Strategy):
    """Does at a bar what a test says."""

    act: Any = None

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.act(ctx)


def done(act: Any) -> StrategyHost:
    strategy = Does()
    strategy.act = act
    host, _ = host_of(strategy)
    host.bars_closed(bar_rows(SYMBOL, Interval.M1, history(1), 0, 1))
    return host


def code_of(act: Any) -> str:
    with pytest.raises(StrategyFailed) as failure:
        done(act)
    assert isinstance(failure.value.__cause__, InvalidInput)
    return failure.value.__cause__.code


def test_a_strategy_remembers_no_more_than_64_kb() -> None:
    def fill(ctx: Any) -> None:
        for number in range(60):
            ctx.remember("same", "x" * 1024)
            ctx.remember(f"key {number}", "x" * 1024)

    def overfill(ctx: Any) -> None:
        fill(ctx)
        ctx.remember("more", "x" * 4096)

    host = done(fill)
    assert len(host.state()["remembered"]) == 61
    assert code_of(overfill) == "memory_full"


@pytest.mark.parametrize("value", [Decimal(1), object(), {1, 2}])
def test_what_is_no_json_is_not_remembered(value: Any) -> None:
    assert code_of(lambda ctx: ctx.remember("key", value)) == "memory_not_json"


def test_a_strategy_waits_for_no_more_than_a_thousand_times() -> None:
    def wait(ctx: Any, count: int) -> None:
        for number in range(count):
            ctx.at(time(15, 0), str(number))

    assert len(done(lambda ctx: wait(ctx, 1_000)).times) == 1_000
    assert code_of(lambda ctx: wait(ctx, 1_001)) == "too_many_times"


def test_a_strategy_reads_no_more_than_two_hundred_lines() -> None:
    class Many(Strategy):
        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

        def setup(self, setup: Any) -> None:
            for number in range(self.count):
                setup.indicator("sma", period=2 + number)
                setup.indicator("sma", period=2 + number)

    host_of(Many(200))
    with pytest.raises(InvalidInput, match="200 lines"):
        host_of(Many(201))
