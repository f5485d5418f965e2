"""A made-up market of few bars, and strategies that do what a test says."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from backtests.domain.engine import (
    BacktestResult,
    BacktestSpec,
    FlatRules,
    Listing,
    MemoryMarket,
    StrategySpec,
    plain_listing,
    run,
    weekday_sessions,
)
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.strategies.domain import Context, Strategy

MONDAY = date(2024, 1, 1)
SYMBOL = "NSE:MADE"
OPEN = 1704080700
"""09:15 in India on that Monday."""
Row = tuple[float, float, float, float] | tuple[float, float, float, float, int]


def bars_of(rows: Sequence[Row], start: int = OPEN, step: int = 60) -> BarSeries:
    """Bars one after another: open, high, low, close in rupees, and the volume (12,000 where it is left out)."""
    columns = [
        (
            start + number * step,
            *(round(price * 10_000) for price in row[:4]),
            row[4] if len(row) > 4 else 12_000,
            0,
        )
        for number, row in enumerate(rows)
    ]
    return BarSeries.from_columns(np.array(columns, dtype=np.int64).reshape(-1, 7))


def flat(price: float, count: int) -> list[Row]:
    """Minutes at one price."""
    return [(price, price, price, price)] * count


def market_of(
    bars: Mapping[str, BarSeries] | BarSeries,
    *,
    last: date = MONDAY,
    listings: Sequence[Listing] = (),
    interval: Interval = Interval.M1,
    rules: FlatRules | None = None,
    **more: Any,
) -> MemoryMarket:
    """A market of these bars by symbol, of one share where only bars are given."""
    by_symbol = {SYMBOL: bars} if isinstance(bars, BarSeries) else bars
    listed = {each.symbol: each for each in listings}
    return MemoryMarket(
        listings={**{symbol: plain_listing(symbol) for symbol in by_symbol}, **listed},
        bars_by={(symbol, interval): series for symbol, series in by_symbol.items()},
        days=weekday_sessions(date(2023, 12, 1), date(2024, 3, 1)),
        rules=rules or FlatRules(),
        **more,
    )


class Scripted(Strategy):
    """Does what `script` says at the close of each bar, by its number from 0."""

    script: Callable[[Context, int], None]

    def on_start(self, ctx: Context) -> None:
        self.number = -1

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.number += 1
        type(self).script(ctx, self.number)


def scripted(script: Callable[[Context, int], None], **hooks: Callable[..., None]) -> type[Strategy]:
    """A strategy of this script, with other hooks as given."""
    return type("Made", (Scripted,), {"script": staticmethod(script), **hooks})


def at_bars(**orders: Callable[[Context], Any]) -> Callable[[Context, int], None]:
    """A script: `at_bars(b0=..., b3=...)` acts after the bars of these numbers."""

    def script(ctx: Context, number: int) -> None:
        act = orders.get(f"b{number}")
        if act is not None:
            act(ctx)

    return script


def run_one(strategy: type[Strategy], market: MemoryMarket, **terms: Any) -> BacktestResult:
    """One strategy on the made-up share, with plain terms where nothing else is said."""
    spec_terms: dict[str, Any] = {"first": MONDAY, "last": MONDAY, "capital": Decimal(1_000_000)}
    one: dict[str, Any] = {"interval": Interval.M1, "product": Product.INTRADAY, "symbols": (SYMBOL,)}
    for name, value in terms.items():
        (one if name in ("interval", "product", "symbols", "settings", "size") else spec_terms)[name] = value
    return run(
        BacktestSpec(strategies=(StrategySpec(strategy=strategy, name="made", **one),), **spec_terms), market
    )
