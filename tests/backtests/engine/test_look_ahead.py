"""The look-ahead detector catches who peeks, and leaves alone who does not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backtests.domain.engine import BacktestSpec, StrategySpec
from backtests.domain.look_ahead import look_ahead
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.strategies.domain import Strategy, crossed_above, crossed_below

from .made import MONDAY, SYMBOL, market_of

DAYS = 12
_MINUTES = 60


def some_days() -> BarSeries:
    chance = np.random.default_rng(3)
    opens = [
        1704080700 + 86_400 * number for number in range(DAYS) if (MONDAY + timedelta(days=number)).weekday() < 5
    ]
    starts = np.concatenate([at + 60 * np.arange(_MINUTES) for at in opens])
    path = 100_0000 + 500 * np.cumsum(chance.integers(-4, 5, len(starts) + 1))
    opening, close = path[:-1], path[1:]
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    columns = (starts, opening, high, low, close, np.full(len(starts), 5_000), np.zeros(len(starts)))
    return BarSeries.from_columns(np.column_stack(columns).astype(np.int64))


class Honest(Strategy):
    def setup(self, setup: Any) -> None:
        self.fast, self.slow = setup.indicator("sma", period=5), setup.indicator("sma", period=20)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if crossed_above(self.fast, self.slow):
            ctx.target(10)
        elif crossed_below(self.fast, self.slow):
            ctx.target(-10)


class Peeking(Strategy):
    """Reaches behind its chart for the bar that comes next."""

    def setup(self, setup: Any) -> None:
        self.line = setup.indicator("sma", period=2)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        values, place = self.line._values, self.line._chart.place
        if place + 20 < len(values):
            ctx.target(10 if values[place + 20] > bar.close else -10)


def spec_of(strategy: type[Strategy], seed: int) -> BacktestSpec:
    one = StrategySpec(
        strategy=strategy, symbols=(SYMBOL,), interval=Interval.M1, product=Product.INTRADAY, name="it"
    )
    last = MONDAY + timedelta(days=DAYS - 1)
    return BacktestSpec(strategies=(one,), first=MONDAY, last=last, capital=Decimal(1_000_000), seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_strategy_that_reads_the_future_is_caught(seed: int) -> None:
    found = look_ahead(spec_of(Peeking, seed), market_of(some_days()))
    assert not found.is_clean
    difference = found.differences[0]
    assert difference.at.date() <= difference.cut
    assert difference.whole != difference.without_future


def test_an_honest_strategy_is_not_suspected() -> None:
    found = look_ahead(spec_of(Honest, 1), market_of(some_days()))
    assert found.is_clean
    assert len(found.cuts) == 5


def test_the_same_seed_cuts_at_the_same_places() -> None:
    market = market_of(some_days())
    first = look_ahead(spec_of(Honest, 4), market, cuts=3).cuts
    assert look_ahead(spec_of(Honest, 4), market, cuts=3).cuts == first
    assert all(isinstance(cut, date) for cut in first)


def test_a_run_of_one_day_has_no_place_to_cut() -> None:
    spec = replace(spec_of(Honest, 1), last=MONDAY)
    assert look_ahead(spec, market_of(some_days())).cuts == ()
