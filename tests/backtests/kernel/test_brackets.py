"""Stops, targets and trails of the kernel against the engine's bracket orders.

The kernel lets the price run through every tick of a minute's path, the engine shows its open, its extremes and its
close. So both leave at the same bar for the same reason, and where a guard is reached inside of the bar the engine
trades at the snapshot that shows it: a stop no better than ours, a target no worse, neither beyond the bar. At a
bar's open both are the same to the paisa. A target that is touched by less than a tick may rest in the engine.
"""

from decimal import Decimal

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backtests.domain.engine import Funds
from backtests.domain.kernel import Distance, Market, Reason, Sizing, Terms, run
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import MINUTE, BarSeries, scale_price, unscale_price

from ..engine.made import OPEN, at_bars, run_one, scripted
from ..engine.made import market_of as engine_market
from .market import TICK, random_rows

BARS, UNITS = 24, 50
DEEP = 120_000_000
"""A volume whose replayed book no order of these tests walks through."""


def _series(seed: int) -> BarSeries:
    prices = np.array(random_rows(BARS, seed), dtype=np.int64) * TICK
    start = OPEN + np.arange(BARS, dtype=np.int64) * MINUTE
    return BarSeries.from_columns(np.column_stack((start, prices, np.full(BARS, DEEP), np.zeros(BARS, np.int64))))


def _ticks(count: int) -> Distance | None:
    return Distance(rupees=unscale_price(count * TICK)) if count else None


def _reached(series: BarSeries, bar: int, side: int, aim: int) -> int:
    """The first price that the engine shows of a bar at or beyond an aim, as signed as the aim is."""
    opening, high, low, close = (int(getattr(series, name)[bar]) for name in ("open", "high", "low", "close"))
    path = (opening, low, high, close) if close >= opening else (opening, high, low, close)
    return next(side * price for price in path if side * price >= aim)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    side=st.sampled_from([1, -1]),
    entered=st.integers(1, 8),
    stop=st.integers(3, 40),
    target=st.just(0) | st.integers(3, 40),
    trail=st.just(0) | st.integers(3, 40),
)
def test_both_leave_at_the_same_bar_and_within_it(seed, side, entered, stop, target, trail):
    series = _series(seed)
    market = Market(series, np.full(BARS, OPEN), tick=TICK)
    signals = np.zeros(BARS, dtype=np.int8)
    signals[entered - 1 :] = side
    terms = Terms(
        capital=Decimal(1_000_000), sizing=Sizing(units=UNITS),
        stop=_ticks(stop), target=_ticks(target), trail=_ticks(trail),
    )  # fmt: skip
    ours = run(market, signals, terms).fills
    assert ours.bar[0] == entered
    paid = int(ours.price[0])

    def price(ticks: int) -> Decimal | None:
        return unscale_price(paid + side * ticks * TICK) if ticks else None

    def enter(ctx):
        ctx.bracket(
            Side.BUY if side > 0 else Side.SELL, UNITS,
            stop=price(-stop), target=price(target), trail=unscale_price(trail * TICK) if trail else None,
        )  # fmt: skip

    script = scripted(at_bars(**{f"b{entered - 1}": enter}))
    theirs = run_one(script, engine_market(series), funds=Funds.ENDLESS, square_off=False).fills
    bars = [(int(fill.at.timestamp()) - OPEN) // MINUTE for fill in theirs]
    assert (bars[0], scale_price(theirs[0].price)) == (entered, paid)
    if len(ours) == 1:
        assert len(theirs) == 1
        return
    bar, left, reason = int(ours.bar[1]), int(ours.price[1]) * side, Reason(int(ours.reason[1]))
    best, worst = sorted((side * int(series.high[bar]), side * int(series.low[bar])), reverse=True)
    aim = side * paid + target * TICK
    assume(reason is not Reason.TARGET or _reached(series, bar, side, aim) > aim)
    assert bars[1] == bar
    got = side * scale_price(theirs[1].price)
    at_open = bar > entered and theirs[1].at.timestamp() == series.start[bar]
    if at_open:
        assert got == left
    elif reason is Reason.TARGET:
        assert left <= got <= best
    else:
        assert worst <= got <= left
