"""The course of a run: order of events, containment, determinism."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backtests.domain.engine import BacktestSpec, Ending, MemoryMarket, StrategySpec, run, weekday_sessions
from core.errors import InvalidInput, NotFound
from trading.brokers.domain.terms import Product, Side
from trading.instruments.domain.calendar import CalendarUnknown
from trading.marketdata.domain.bars import Interval
from trading.strategies.domain import Doc, Kind, Setup, SignalStrategy

from .made import MONDAY, OPEN, SYMBOL, Scripted, at_bars, bars_of, flat, market_of, run_one, scripted


def test_hooks_come_in_the_stated_order():
    told: list[tuple[str, str]] = []
    names = ("on_session", "on_fill", "on_session_end", "on_bars")
    hooks: dict[str, Any] = {
        name: (lambda self, ctx, *rest, name=name: told.append((name, ctx.now.strftime("%H:%M")))) for name in names
    }

    def start(self, ctx):
        self.number = -1
        told.append(("on_start", ctx.now.strftime("%H:%M")))

    hooks["on_start"] = start

    def script(ctx, number):
        told.append(("on_bar", ctx.now.strftime("%H:%M")))
        if number == 0:
            ctx.buy(1)
            told.append(("sent", ctx.now.strftime("%H:%M")))

    run_one(scripted(script, **hooks), market_of(bars_of(flat(100, 2))), product=Product.DELIVERY)
    assert told == [
        ("on_start", "09:15"),
        ("on_session", "09:15"),
        ("on_bar", "09:16"),
        ("sent", "09:16"),
        ("on_fill", "09:16"),
        ("on_bars", "09:16"),
        # No more ticks come, so the next instant is that of the market's square-off.
        ("on_bar", "15:20"),
        ("on_bars", "15:20"),
        ("on_session_end", "15:30"),
    ]


def test_a_strategy_that_raises_stops_the_run_with_the_reason_and_the_moment():
    def script(ctx, number):
        if number == 2:
            raise ZeroDivisionError("by nothing")

    result = run_one(scripted(script), market_of(bars_of(flat(100, 5))))
    assert result.ending is Ending.STRATEGY_FAILED
    assert "ZeroDivisionError: by nothing" in result.reason
    assert "on_bar" in result.reason
    assert result.stopped_at is not None
    assert result.stopped_at.strftime("%H:%M") == "03:48"
    assert len(result.equity) == 3


def test_a_run_is_cancelled_within_a_session_however_long_its_strategy_thinks():
    seen: list[int] = []
    strategy = scripted(lambda ctx, number: seen.append(number))
    spec = BacktestSpec(
        strategies=(
            StrategySpec(
                strategy=strategy, name="made", interval=Interval.M1, product=Product.INTRADAY, symbols=(SYMBOL,)
            ),
        ),
        first=MONDAY,
        last=MONDAY,
        capital=Decimal(1_000_000),
    )
    result = run(spec, market_of(bars_of(flat(100, 30))), cancelled=lambda: len(seen) == 5)
    assert (result.ending, len(seen)) == (Ending.CANCELLED, 5)


def test_an_unknown_symbol_is_refused_before_anything_runs():
    with pytest.raises(NotFound) as refused:
        run_one(scripted(at_bars()), market_of(bars_of(flat(100, 5))), symbols=("NSE:NOBODY",))
    assert refused.value.code == "unknown_symbol"


def test_a_span_without_a_session_is_refused():
    sunday = MONDAY.replace(day=7)
    with pytest.raises(InvalidInput) as refused:
        run_one(scripted(at_bars()), market_of(bars_of(flat(100, 5))), first=sunday, last=sunday)
    assert refused.value.code == "no_sessions"


def test_a_run_is_the_same_every_time():
    rng = np.random.default_rng(7)
    path = 100 + np.cumsum(rng.normal(0, 0.2, 375)).round(2)
    rows = [
        (a, max(a, b), min(a, b), b) for a, b in zip(path.round(1), np.r_[path[1:], path[-1]].round(1), strict=True)
    ]

    def script(ctx, number):
        if number % 7 == 0:
            ctx.target(ctx.random.randint(-3, 3))

    results = [run_one(scripted(script), market_of(bars_of(rows)), seed=5) for _ in range(2)]
    assert results[0].fills == results[1].fills
    assert len(results[0].fills) > 20
    assert np.array_equal(results[0].equity, results[1].equity)


def test_equity_is_capital_and_what_fills_and_prices_made_of_it():
    rows = [(100, 100, 100, 100), (100, 100, 100, 100), (104, 104, 104, 104), (103, 103, 103, 103)]
    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(10, product=Product.DELIVERY)))
    result = run_one(strategy, market_of(bars_of(rows)))
    paid = result.fills[0].price
    assert result.equity.tolist() == [
        100_000_000,
        *(100_000_000 + int((Decimal(price) - paid) * 1000) for price in (100, 104, 103)),
    ]


def test_strategies_share_cash_but_not_positions():
    seen = {}

    def first(ctx, number):
        if number == 0:
            ctx.buy(10)
        if number == 3:
            seen["first"] = ctx.position().quantity, ctx.cash

    def second(ctx, number):
        if number == 3:
            seen["second"] = ctx.position().quantity, ctx.cash

    specs = tuple(
        StrategySpec(
            strategy=scripted(script), symbols=(SYMBOL,), interval=Interval.M1, product=Product.INTRADAY, name=name
        )
        for name, script in (("one", first), ("two", second))
    )
    spec = BacktestSpec(strategies=specs, first=MONDAY, last=MONDAY, capital=Decimal(100_000))
    run(spec, market_of(bars_of(flat(100, 6))))
    assert seen["first"][0] == 10
    assert seen["second"][0] == 0
    assert seen["first"][1] == seen["second"][1] < Decimal(100_000)


class _KnownFrom2023(MemoryMarket):
    """Its calendar begins with 2023 and ends with 2024."""

    def sessions(self, symbol: str, first: date, last: date) -> Any:
        for year in (first.year, last.year):
            if not 2023 <= year <= 2024:
                raise CalendarUnknown("NSE", year)
        return super().sessions(symbol, first, last)


@pytest.mark.parametrize(("first", "last"), [(MONDAY, MONDAY), (date(2024, 12, 27), date(2024, 12, 30))])
def test_a_warm_up_or_a_look_ahead_beyond_the_calendar_is_cut_off_there(first: date, last: date) -> None:
    known = market_of(bars_of(flat(100, 3), start=1735530300 if last > MONDAY else OPEN))
    market = _KnownFrom2023(
        listings=known.listings, bars_by=known.bars_by, days=weekday_sessions(date(2023, 1, 1), date(2024, 12, 31))
    )

    class Slow(Scripted):
        script = staticmethod(at_bars(b0=lambda ctx: ctx.buy(1)))

        def setup(self, setup: Setup) -> None:
            setup.warm_up(200_000)

    result = run_one(Slow, market, first=first, last=last)
    assert result.ending is Ending.FINISHED
    assert len(result.fills) == 1


def test_a_span_that_the_calendar_does_not_know_is_refused() -> None:
    known = market_of(bars_of(flat(100, 3)))
    market = _KnownFrom2023(listings=known.listings, bars_by=known.bars_by, days=known.days)
    with pytest.raises(CalendarUnknown):
        run_one(scripted(at_bars()), market, first=date(2022, 12, 1), last=date(2022, 12, 5))


class _AlwaysShort(SignalStrategy):
    key, title, kind = "always_short", "Always short", Kind.TREND
    doc = Doc("", "", "")

    def lines(self) -> dict[str, Any]:
        return {}

    def signals(self, bars: Any, lines: Any) -> Any:
        return np.full(len(bars), -1, dtype=np.int8)


def test_a_short_signal_means_flat_where_shares_are_delivered() -> None:
    market = market_of(bars_of(flat(100, 20)))
    assert not run_one(_AlwaysShort, market, product=Product.DELIVERY).orders
    short = run_one(_AlwaysShort, market, product=Product.INTRADAY).orders
    assert short[0].side is Side.SELL
