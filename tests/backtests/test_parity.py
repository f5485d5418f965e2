"""A day's back-test trades what the paper exchange trades on a replay of that day, to the paisa.

The same strategy runs under the same host: once over the real services (`order_submit`, the matcher's
`order_match`, the feed's book, square-off by its task), once in the engine.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from backtests.domain.engine import BacktestResult, BacktestSpec, MemoryMarket, StrategySpec, plain_listing, run
from backtests.domain.engine.data import SessionDay
from backtests.selectors.market.rules import DatabaseRules
from core import clock
from core.clock import ist_day_span
from core.store import get_store
from core.tenancy import tenant_scope
from tests.orders.desk import KEY, Desk, make_desk
from tests.strategies.catalogue.recordings import minutes_of_2016
from trading.brokers.domain.terms import Product, Validity
from trading.instruments.domain.sessions import Segment
from trading.instruments.process_cache import forget_reference_data
from trading.instruments.selectors import session_windows
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.wire import QUOTES_HASH
from trading.strategies.domain import Context, Strategy, integer
from trading.strategies.domain.host import StrategyHost

from .paper_world import RUN, PaperDay, paper_orders, paper_trades

DAY = date(2026, 11, 16)
OPENS = datetime(2026, 11, 16, 3, 45, tzinfo=UTC)
LAST_ORDER, CLOSE = time(15, 19), time(15, 30)
CAPITAL = Decimal(10_00_000)
STEPS = 4


class Restless(Strategy):
    """Sends orders of every kind at random, the same for the same seed, and leaves something to be squared off."""

    seed = integer("Seed", 1, minimum=0, maximum=1_000)

    def on_start(self, ctx: Context) -> None:
        self.chance = random.Random(self.seed)

    def on_bar(self, ctx: Context, bar: Any) -> None:
        price, roll = bar.close, self.chance.random()
        if ctx.now.time() >= CLOSE:
            return
        if ctx.now.time() == LAST_ORDER:
            ctx.target(self.chance.choice([-70, 70]))
            return
        send = ctx.buy if self.chance.random() < 0.5 else ctx.sell
        units = self.chance.randint(1, 400)
        away = self.chance.choice([0.05, 0.1, 0.2, 0.4])
        if roll < 0.3:
            send(units)
        elif roll < 0.6:
            send(units, price=price - away if send == ctx.buy else price + away)
        elif roll < 0.7:
            send(units, trigger_price=price + away if send == ctx.buy else price - away)
        elif roll < 0.75:
            limit = price + 3 * away if send == ctx.buy else price - 3 * away
            send(units, price=limit, trigger_price=price + away if send == ctx.buy else price - away)
        elif roll < 0.8:
            send(units * 20, price=price, validity=Validity.IOC)
        elif roll < 0.88 and ctx.orders():
            ctx.modify(ctx.orders()[-1].id, price=price)
        elif roll < 0.93:
            ctx.cancel_all()
        elif roll < 0.97:
            ctx.target(0)


def a_day(seed: int) -> BarSeries:
    """Some minutes of the morning and some around the square-off, on the tick."""
    chance = np.random.default_rng(seed)
    start = int(OPENS.timestamp())
    minutes = np.r_[np.arange(24), np.arange(359, 368)]
    path = 100_0000 + 500 * np.cumsum(chance.integers(-4, 5, len(minutes) + 1))
    opening, close = path[:-1], path[1:]
    high = np.maximum(opening, close) + 500 * chance.integers(0, 5, len(minutes))
    low = np.minimum(opening, close) - 500 * chance.integers(0, 5, len(minutes))
    volume = chance.integers(20, 9_000, len(minutes))
    return BarSeries.from_columns(
        np.column_stack((start + 60 * minutes, opening, high, low, close, volume, np.zeros(len(minutes)))).astype(
            np.int64
        )
    )


def a_recorded_day(day: date) -> BarSeries:
    """All minutes of RELIANCE on a day of 2016."""
    bars = minutes_of_2016().bars_by[KEY, Interval.M1]
    begin, end = np.searchsorted(bars.start, [int(at.timestamp()) for at in ist_day_span(day)])
    return bars.part(int(begin), int(end))


@pytest.fixture
def opens() -> datetime:
    """When the day begins that is traded."""
    return OPENS


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch, settings: Settings, opens: datetime) -> Callable[[datetime], None]:
    """Sets market time for everything that asks; the market keeps its hours."""
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    get_store().delete(QUOTES_HASH)
    forget_reference_data()

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr("trading.instruments.selectors.sessions.now", lambda: moment)

    set_to(opens)
    return set_to


@pytest.fixture
def desk(db: None, set_clock: Callable[[datetime], None]) -> Iterator[Desk]:
    desk: Desk = make_desk(paise=int(CAPITAL) * 100)
    with tenant_scope(desk.organisation.id):
        yield desk


def on_paper(desk: Desk, set_clock: Callable[[datetime], None], bars: BarSeries, strategy: Strategy) -> None:
    windows = session_windows(Segment.EQUITY, clock.trading_date())
    day = PaperDay(desk, set_clock, steps=STEPS)
    host = StrategyHost(
        strategy, day.port, symbols=(KEY,), interval=Interval.M1, product=Product.INTRADAY, capital=CAPITAL
    )
    day.play(host, bars, windows[0].starts, windows[-1].ends)


def in_the_engine(bars: BarSeries, seed: int, day: date = DAY) -> BacktestResult:
    market = MemoryMarket(
        listings={KEY: plain_listing(KEY)},
        bars_by={(KEY, Interval.M1): bars},
        days=[SessionDay(day, session_windows(Segment.EQUITY, day))],
        rules=DatabaseRules(),
    )
    spec = StrategySpec(
        strategy=Restless,
        symbols=(KEY,),
        interval=Interval.M1,
        product=Product.INTRADAY,
        settings={"seed": seed},
        name=RUN,
    )
    return run(BacktestSpec(strategies=(spec,), first=day, last=day, capital=CAPITAL, steps=STEPS), market)


def engine_trades(result: BacktestResult) -> list[tuple[Any, ...]]:
    return [
        (fill.at, fill.side, fill.quantity, fill.price, tuple(fill.charges.values()), fill.charges_paise)
        for fill in result.fills
    ]


def engine_orders(result: BacktestResult) -> list[tuple[Any, ...]]:
    return [
        (row.side, row.order_type, row.quantity, row.filled_quantity, row.status, row.reason_code)
        for row in result.orders
    ]


def agreed(
    desk: Desk, set_clock: Callable[[datetime], None], bars: BarSeries, seed: int, day: date
) -> BacktestResult:
    """Both ways, order by order and fill by fill."""
    on_paper(desk, set_clock, bars, Restless(seed=seed))
    result = in_the_engine(bars, seed, day)
    assert engine_trades(result) == paper_trades(desk)
    assert engine_orders(result) == paper_orders(desk)
    return result


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_backtest_trades_what_the_paper_exchange_trades(
    desk: Desk, set_clock: Callable[[datetime], None], seed: int
) -> None:
    result = agreed(desk, set_clock, a_day(seed), seed, DAY)
    kinds = {(order.order_type, order.status) for order in result.orders}
    assert len(result.fills) > 10, "the day must have something to agree on"
    assert len(kinds) > 4
    assert any(order.tag == "square-off" for order in result.orders)


@pytest.mark.recorded
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("opens", [datetime(2016, 8, 22, 3, 45, tzinfo=UTC)])
def test_a_whole_recorded_day_trades_the_same_on_paper_and_in_the_engine(
    desk: Desk, set_clock: Callable[[datetime], None], opens: datetime
) -> None:
    bars = a_recorded_day(opens.date())
    assert len(bars) == 375
    result = agreed(desk, set_clock, bars, 4, opens.date())
    assert len(result.fills) > 100
