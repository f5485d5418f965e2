"""Strategies that send orders of their own, run by the engine on markets drawn so that the outcome is known."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backtests.domain.engine import (
    BacktestResult,
    BacktestSpec,
    Ending,
    MemoryMarket,
    StrategySpec,
    plain_listing,
    run,
    weekday_sessions,
)
from core.clock import IST
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.strategies.catalogue.buy_and_hold import BuyAndHold
from trading.strategies.catalogue.gap import GapTrading
from trading.strategies.catalogue.momentum_rotation import MomentumRotation
from trading.strategies.catalogue.opening_range import OpeningRangeBreakout
from trading.strategies.catalogue.pairs import PairsTrading
from trading.strategies.catalogue.sip import SystematicInvestment
from trading.strategies.domain import Strategy

MONDAY = date(2024, 1, 1)
FAR = date(2024, 12, 31)
Closes = Sequence[float]


def session(day: date, closes: Closes) -> list[tuple[int, ...]]:
    """Minutes from 09:15 on: each opens at the close before it."""
    start = int(datetime.combine(day, time(9, 15), IST).timestamp())
    return [_bar(start + 60 * place, closes[max(place - 1, 0)], close) for place, close in enumerate(closes)]


def days(closes: Closes, first: date = MONDAY) -> list[tuple[int, ...]]:
    """Daily bars on weekdays, each of one price."""
    weekdays = [first + timedelta(days=number) for number in range(2 * len(closes))]
    weekdays = [day for day in weekdays if day.weekday() < 5][: len(closes)]
    return [
        _bar(int(datetime.combine(day, time(), IST).timestamp()), close, close)
        for day, close in zip(weekdays, closes, strict=True)
    ]


def _bar(start: int, opened: float, close: float) -> tuple[int, ...]:
    prices = (opened, max(opened, close), min(opened, close), close)
    return start, *(round(price * 10_000) for price in prices), 1_000_000, 0


def ran(
    strategy: type[Strategy],
    bars: Mapping[str, list[tuple[int, ...]]],
    *,
    interval: Interval,
    product: Product,
    first: date = MONDAY,
    last: date = MONDAY,
    **settings: Any,
) -> BacktestResult:
    """The strategy over these bars with a million rupees and no charges."""
    base = Interval.D1 if interval is Interval.D1 else Interval.M1
    market = MemoryMarket(
        listings={symbol: plain_listing(symbol) for symbol in bars},
        bars_by={
            (symbol, base): BarSeries.from_columns(np.array(rows, dtype=np.int64)) for symbol, rows in bars.items()
        },
        days=weekday_sessions(date(2023, 1, 2), FAR),
    )
    wanted = StrategySpec(
        strategy=strategy, symbols=tuple(bars), interval=interval, product=product, settings=settings
    )
    result = run(
        BacktestSpec(strategies=(wanted,), first=first, last=last, capital=Decimal(1_000_000), base=base), market
    )
    assert result.ending is Ending.FINISHED, result.reason
    return result


def dealt(result: BacktestResult) -> list[tuple[Side, int]]:
    """Side and units of each order that traded, as one each."""
    totals: dict[str, tuple[Side, int]] = {}
    for fill in result.fills:
        side, units = totals.get(fill.order_id, (fill.side, 0))
        totals[fill.order_id] = side, units + fill.quantity
    return list(totals.values())


RANGE = [100.0, 101.0, 100.0, 99.0, 100.0] * 3
"""Fifteen minutes between 99 and 101."""


def opening_range(closes: Closes, **settings: Any) -> BacktestResult:
    return ran(
        OpeningRangeBreakout,
        {"NSE:MADE": session(MONDAY, closes)},
        interval=Interval.M1,
        product=Product.INTRADAY,
        **{"minutes": 15, "widest": 5, **settings},
    )


def test_the_opening_range_is_broken_once_with_units_for_the_risk_and_left_at_the_target() -> None:
    # 102 is the first close above 101; the stop is 99, so a unit risks 3 and 1 % of a million is 3,333 units.
    result = opening_range([*RANGE, 102.0, 104.0, 107.0, 109.0, *[100.0] * 20], reward=2, risk=1)
    (entry, exit) = dealt(result)
    assert entry == (Side.BUY, 3333)
    assert exit == (Side.SELL, 3333)
    assert {float(fill.price) >= 108 for fill in result.fills if fill.side is Side.SELL} == {True}


def test_the_opening_range_is_left_at_its_other_end() -> None:
    result = opening_range([*RANGE, 98.0, 99.0, 102.0, 103.0, *[103.0] * 5], reward=0)
    assert [side for side, _ in dealt(result)] == [Side.SELL, Side.BUY]
    assert result.equity[-1] < 1_000_000_00
    assert result.equity[-1] > 1_000_000_00 * 0.95


@pytest.mark.parametrize(
    "settings",
    [{"sides": "short"}, {"widest": 1}, {"last_entry": "09:25"}, {"risk": 0.05, "largest": 0.05, "minutes": 16}],
    ids=["other side", "range too wide", "too late", "range takes the break"],
)
def test_no_break_out_is_taken_that_the_settings_exclude(settings: dict[str, Any]) -> None:
    assert dealt(opening_range([*RANGE, 102.0, *[101.5] * 10], **settings)) == []


def test_what_the_opening_range_holds_is_closed_at_the_exit_time() -> None:
    result = opening_range([*RANGE, 102.0, *[102.5] * 60], reward=0, last_entry="09:35", exit_at="09:45")
    assert [side for side, _ in dealt(result)] == [Side.BUY, Side.SELL]
    assert result.fills[-1].at.astimezone(IST).time() >= time(9, 45)
    assert result.fills[-1].at.astimezone(IST).time() < time(9, 47)


def gap(closes: Closes, **settings: Any) -> BacktestResult:
    """Monday closes at 100; Tuesday is what is given."""
    tuesday = MONDAY + timedelta(days=1)
    bars = {"NSE:MADE": [*session(MONDAY, [100.0] * 375), *session(tuesday, closes)]}
    return ran(
        GapTrading, bars, interval=Interval.M1, product=Product.INTRADAY, first=tuesday, last=tuesday, **settings
    )


def test_a_gap_is_faded_back_to_the_last_close() -> None:
    result = gap([102.0, 101.5, 101.0, 100.5, 100.0, 99.5, 99.0, *[99.0] * 10])
    (entry, exit) = dealt(result)
    assert (entry[0], exit[0]) == (Side.SELL, Side.BUY)
    assert max(float(fill.price) for fill in result.fills if fill.side is Side.BUY) <= 100.0


def test_a_gap_is_followed_with_a_stop_at_the_last_close() -> None:
    result = gap([102.0, 103.0, 104.0, 105.0, 106.0, *[106.0] * 10], way="follow", reward=1)
    (entry, exit) = dealt(result)
    assert (entry[0], exit[0]) == (Side.BUY, Side.SELL)
    assert min(float(fill.price) for fill in result.fills if fill.side is Side.SELL) >= 104.0


@pytest.mark.parametrize(
    ("closes", "settings"),
    [
        ([100.2] * 10, {}),
        ([120.0] * 10, {}),
        ([102.0] * 10, {"sides": "long"}),
        ([102.0, 99.0, 99.0, 99.0], {"wait": 2}),
    ],
    ids=["too small", "too large", "other side", "filled before the entry"],
)
def test_gaps_that_the_settings_exclude_are_left_alone(closes: Closes, settings: dict[str, Any]) -> None:
    assert dealt(gap(closes, **settings)) == []


def test_buy_and_hold_buys_each_once_for_an_equal_part_and_keeps_it() -> None:
    bars = {"NSE:ONE": days([100.0] * 30), "NSE:TWO": days([250.0] * 30)}
    result = ran(
        BuyAndHold, bars, interval=Interval.D1, product=Product.DELIVERY, last=date(2024, 1, 31), invested=0.9
    )
    assert sorted(dealt(result)) == sorted([(Side.BUY, 4500), (Side.BUY, 1800)])


def test_a_plan_buys_every_month_on_its_day_and_grows_by_the_year() -> None:
    bars = {"NSE:ONE": days([100.0] * 262)}
    result = ran(
        SystematicInvestment,
        bars,
        interval=Interval.D1,
        product=Product.DELIVERY,
        last=date(2024, 12, 31),
        amount=10_000,
        day=6,
    )
    assert dealt(result) == [(Side.BUY, 100)] * 12
    bought = [fill.at.astimezone(IST).date() for fill in result.fills]
    # The 6th of January 2024 is a Saturday: the bar of Monday the 8th is over after the close, and trades next day.
    assert {day.month for day in bought} == set(range(1, 13))
    assert all(6 <= day.day <= 10 for day in bought)


def test_what_is_too_little_for_a_share_is_kept_for_the_next_month() -> None:
    bars = {"NSE:DEAR": days([15_000.0] * 130)}
    result = ran(
        SystematicInvestment,
        bars,
        interval=Interval.D1,
        product=Product.DELIVERY,
        last=date(2024, 6, 28),
        amount=10_000,
        day=6,
    )
    # 10, 20 − 15, 15 − 15, 10, 20 − 15, 15 − 15 thousand.
    assert [fill.at.astimezone(IST).date().month for fill in result.fills] == [2, 3, 5, 6]


def test_the_rotation_holds_the_best_and_sells_what_falls_out() -> None:
    first = date(2023, 9, 1)
    count = 150
    rising = [100 * 1.002**place for place in range(count)]
    turning = [
        100 * 1.004**place if place < 90 else 100 * 1.004**90 * 0.99 ** (place - 90) for place in range(count)
    ]
    falling = [100 * 0.999**place for place in range(count)]
    bars = {
        symbol: days([round(close, 2) for close in closes], first)
        for symbol, closes in {"NSE:RISE": rising, "NSE:TURN": turning, "NSE:FALL": falling}.items()
    }
    result = ran(
        MomentumRotation,
        bars,
        interval=Interval.D1,
        product=Product.DELIVERY,
        first=date(2023, 11, 1),
        last=date(2024, 3, 20),
        lookback=20,
        skip=0,
        top=1,
    )
    held = [line.text for line in result.log]
    assert held == [
        "Holding NSE:TURN",
        "Holding NSE:TURN",
        "Holding NSE:TURN",
        "Holding NSE:RISE",
        "Holding NSE:RISE",
    ]
    assert [(fill.symbol, fill.side) for fill in result.fills if fill.symbol != "NSE:RISE"] == [
        ("NSE:TURN", Side.BUY),
        ("NSE:TURN", Side.SELL),
    ]
    assert {fill.symbol for fill in result.fills} == {"NSE:TURN", "NSE:RISE"}


def test_a_pair_is_sold_dear_and_bought_cheap_and_closed_when_it_is_back() -> None:
    generator = np.random.default_rng(3)
    walk = np.cumsum(generator.normal(0, 0.0008, 375))
    noise = generator.normal(0, 0.0006, 375)
    apart = np.zeros(375)
    apart[200:215] = 0.0022
    second = np.round(500 * np.exp(walk), 2)
    first = np.round(1000 * np.exp(walk + noise * (apart == 0) + apart), 2)
    bars = {"NSE:ONE": session(MONDAY, list(first)), "NSE:TWO": session(MONDAY, list(second))}
    result = ran(
        PairsTrading,
        bars,
        interval=Interval.M1,
        product=Product.INTRADAY,
        window=120,
        every=20,
        entry=2.5,
        stop=12,
        longest=60,
    )
    during = [fill for fill in result.fills if time(12, 34) <= fill.at.astimezone(IST).time() <= time(12, 54)]
    assert {(fill.symbol, fill.side) for fill in during if fill.tag == "entry"} == {
        ("NSE:ONE", Side.SELL),
        ("NSE:TWO", Side.BUY),
    }
    assert {(fill.symbol, fill.side) for fill in during if fill.tag == "back"} == {
        ("NSE:ONE", Side.BUY),
        ("NSE:TWO", Side.SELL),
    }
    assert not result.open_positions


def test_unrelated_walks_are_no_pair() -> None:
    generator = np.random.default_rng(5)
    one, two = (np.round(1000 * np.exp(np.cumsum(generator.normal(0, 0.001, 375))), 2) for _ in range(2))
    bars = {"NSE:ONE": session(MONDAY, list(one)), "NSE:TWO": session(MONDAY, list(two))}
    result = ran(
        PairsTrading, bars, interval=Interval.M1, product=Product.INTRADAY, window=120, every=400, level="1%"
    )
    assert dealt(result) == []
