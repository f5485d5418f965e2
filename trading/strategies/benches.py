"""`manage.py bench strategies`: one cycle of a run over many symbols, as a ratio to a bare loop in the same run."""

import random
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import OutputWrapper

from core.clock import IST
from core.errors import NotFound
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import Quote
from trading.strategies.domain.context import Context
from trading.strategies.domain.desk import Desk
from trading.strategies.domain.host import StrategyHost
from trading.strategies.domain.lines import Line
from trading.strategies.domain.market import Bar, Contract, Expiry, OrderView
from trading.strategies.domain.strategy import Setup, Strategy
from trading.strategies.domain.wish import BracketWish, OrderWish

_OPENS = datetime(2026, 11, 23, 9, 15, tzinfo=IST)
_LENGTH = 20


class Averages(Strategy):
    """Reads an average of every symbol at every bar and at every price, and wants nothing."""

    key, title = "bench_averages", "Averages"
    symbols_wanted = (1, 10_000)

    def setup(self, setup: Setup) -> None:
        setup.ticks()
        self.lines: dict[str, Line] = {
            symbol: setup.indicator("sma", symbol=symbol, period=_LENGTH) for symbol in setup.symbols
        }
        self.above = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.above += bar.close > self.lines[bar.symbol].now

    def on_tick(self, ctx: Context, quote: Quote) -> None:
        self.above += float(quote.ltp) > self.lines[quote.key].now


class StrategiesBench:
    """From the closing of a bar (or a flush of prices) of all symbols until every hook has been called."""

    help = "a cycle of a run over many symbols, as a ratio to the same arithmetic in a bare loop"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many symbols, how often."""
        parser.add_argument("--symbols", type=int, nargs="+", default=[10, 100, 500])
        parser.add_argument("--cycles", type=int, default=300)
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--seed", type=int, default=1)

    def run(self, out: OutputWrapper, **options: Any) -> None:
        """Measure in interleaved rounds, and print the worst."""
        out.write("symbols  bars: ms a cycle  × bare loop   prices: ms a cycle  × bare loop")
        for count in options["symbols"]:
            # What is compiled at its first use is no part of a cycle.
            _round(count, 3, options["seed"])
            worst = {"bars": (0.0, 0.0), "prices": (0.0, 0.0)}
            for number in range(options["rounds"]):
                found = _round(count, options["cycles"], options["seed"] + number)
                worst = {name: max(worst[name], found[name]) for name in worst}
            bars, prices = worst["bars"], worst["prices"]
            out.write(f"{count:7}  {bars[0]:16.2f}  {bars[1]:10.1f}   {prices[0]:18.2f}  {prices[1]:10.1f}")
        out.write("The worst of all rounds. A bare loop keeps one sum a symbol and compares; it has no hooks.")


def _round(count: int, cycles: int, seed: int) -> dict[str, tuple[float, float]]:
    chance = random.Random(seed)
    symbols = tuple(f"NSE:BENCH{number}" for number in range(count))
    bars = [_bars(symbols, cycle, chance) for cycle in range(cycles)]
    quotes = [_quotes(symbols, cycle, chance) for cycle in range(cycles)]
    host = StrategyHost(
        Averages(), _Silent(), symbols=symbols, interval=Interval.M1, product=Product.INTRADAY,
        capital=Decimal(1_000_000),
    )  # fmt: skip
    host.session_opened(_OPENS.date(), _OPENS, _OPENS + timedelta(hours=6))
    bare = _Bare(symbols)

    def tell_prices(flush: Sequence[Quote]) -> None:
        for quote in flush:
            host.quote(quote)
        host.clock_reached(_OPENS)

    of_bars, bare_bars = _milliseconds(host.bars_closed, bars), _milliseconds(bare.bars, bars)
    of_prices, bare_prices = _milliseconds(tell_prices, quotes), _milliseconds(bare.prices, quotes)
    return {"bars": (of_bars, of_bars / bare_bars), "prices": (of_prices, of_prices / bare_prices)}


def _milliseconds(tell: Callable[[Any], object], cycles: Sequence[Any]) -> float:
    start = time.perf_counter()
    for cycle in cycles:
        tell(cycle)
    return (time.perf_counter() - start) * 1000 / len(cycles)


class _Bare:
    """The same arithmetic and nothing around it."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self.windows: dict[str, list[float]] = {symbol: [] for symbol in symbols}
        self.averages = dict.fromkeys(symbols, float("nan"))
        self.above = 0

    def bars(self, bars: Sequence[Bar]) -> None:
        for bar in bars:
            window = self.windows[bar.symbol]
            window.append(bar.close)
            if len(window) > _LENGTH:
                del window[0]
            self.averages[bar.symbol] = sum(window) / len(window)
            self.above += bar.close > self.averages[bar.symbol]

    def prices(self, quotes: Sequence[Quote]) -> None:
        for quote in quotes:
            self.above += float(quote.ltp) > self.averages[quote.key]


class _Silent(Desk):
    """A desk that nobody asks for anything."""

    def now(self) -> datetime:
        return _OPENS

    def submit(self, wish: OrderWish) -> OrderView:
        raise NotFound("The bench sends nothing.")

    def submit_all(self, wishes: Sequence[OrderWish]) -> Sequence[OrderView]:
        raise NotFound("The bench sends nothing.")

    def submit_bracket(self, wish: BracketWish) -> OrderView:
        raise NotFound("The bench sends nothing.")

    def modify(self, order_id: str, **changes: Any) -> OrderView:
        raise NotFound("The bench sends nothing.")

    def cancel(self, order_id: str) -> OrderView:
        raise NotFound("The bench sends nothing.")

    def available(self) -> Decimal:
        return Decimal(0)

    def quote(self, symbol: str) -> Quote | None:
        return None

    def last_price(self, symbol: str) -> Decimal | None:
        return None

    def contract(self, symbol: str) -> Contract:
        return Contract(symbol, Decimal("0.05"), 1)

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        return []

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        return []

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        return None

    def follow(self, symbol: str) -> None:
        return None


def _bars(symbols: Sequence[str], cycle: int, chance: random.Random) -> list[Bar]:
    start = int(_OPENS.timestamp()) + cycle * 60
    prices = [100 + chance.random() for _ in symbols]
    return [
        Bar(symbol, Interval.M1, start, start + 60, price, price, price, price, 10)
        for symbol, price in zip(symbols, prices, strict=True)
    ]


def _quotes(symbols: Sequence[str], cycle: int, chance: random.Random) -> list[Quote]:
    at = datetime.fromtimestamp(_OPENS.timestamp() + cycle, UTC)
    return [
        Quote(
            key=symbol, ltp=price, open=price, high=price, low=price, close=price,
            timestamp=at, received_at=at, source="bench",
        )
        for symbol in symbols
        for price in [Decimal(chance.randrange(10_000, 10_100)) / 100]
    ]  # fmt: skip
