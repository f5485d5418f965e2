"""Strategies made for tests: what they do is plain to see, and some of them break."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import Quote
from trading.strategies import registry
from trading.strategies.domain import Bar, Context, Doc, Fill, OrderView, Setup, Strategy, flag, integer

DOC = Doc("For tests.", "Plain.", "Never.")
EVERY = (Interval.M1, Interval.M5, Interval.D1)


class Ticker(Strategy):
    """Turns its position over at every price, and counts what it is told."""

    key, title, doc, intervals, symbols_wanted = "test_ticker", "Ticker", DOC, EVERY, (1, 500)
    quantity = integer("Quantity", 1, minimum=1, maximum=100)

    def setup(self, setup: Setup) -> None:
        setup.ticks()

    def on_start(self, ctx: Context) -> None:
        ctx.log("started")

    def on_tick(self, ctx: Context, quote: Quote) -> None:
        held = ctx.position(quote.key).quantity
        if held > 0:
            ctx.sell(held, quote.key)
        else:
            ctx.buy(self.quantity, quote.key)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        told = ctx.recall("fills", 0)
        assert isinstance(told, int)
        ctx.remember("fills", told + 1)


class Once(Strategy):
    """Buys on the first bar, at a limit if it is told one, and does nothing more."""

    key, title, doc, intervals = "test_once", "Once", DOC, EVERY
    limit = integer("Limit", 0, minimum=0, maximum=100_000)
    guarded = flag("Guarded")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        bars = ctx.recall("bars", 0)
        assert isinstance(bars, int)
        ctx.remember("bars", bars + 1)
        if bars:
            return
        if self.guarded:
            ctx.bracket(Side.BUY, 10, stop=95, target=110)
        else:
            ctx.buy(10, price=self.limit or None)

    def on_order(self, ctx: Context, order: OrderView) -> None:
        ctx.remember("ended", f"{order.status} {order.reason_code}")


class Patient(Strategy):
    """Buys at a price while it holds nothing and has nothing in the market, at a limit if it is told one; then
    rests an exit if it is told where. Counts what it is told."""

    key, title, doc, intervals = "test_patient", "Patient", DOC, EVERY
    quantity = integer("Quantity", 10, minimum=1, maximum=100)
    limit = integer("Limit", 0, minimum=0, maximum=100_000)
    leave = integer("Exit", 0, minimum=0, maximum=100_000)

    def setup(self, setup: Setup) -> None:
        setup.ticks()

    def on_tick(self, ctx: Context, quote: Quote) -> None:
        if ctx.orders():
            return
        held = ctx.position(quote.key).quantity
        if not held:
            ctx.buy(self.quantity, quote.key, price=self.limit or None)
        elif self.leave:
            ctx.sell(held, quote.key, price=self.leave)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        told = ctx.recall("traded", 0)
        assert isinstance(told, int)
        ctx.remember("traded", told + fill.quantity)

    def on_order(self, ctx: Context, order: OrderView) -> None:
        ctx.remember("ended", f"{order.status} {order.reason_code}")


class Blocked(Strategy):
    """Hangs in its first price until it is released."""

    key, title, doc, intervals = "test_blocked", "Blocked", DOC, EVERY
    entered: ClassVar[threading.Event] = threading.Event()
    released: ClassVar[threading.Event] = threading.Event()

    def setup(self, setup: Setup) -> None:
        setup.ticks()

    def on_tick(self, ctx: Context, quote: Quote) -> None:
        self.entered.set()
        self.released.wait(50)


class Breaks(Strategy):
    """Raises on its first price."""

    key, title, doc, intervals = "test_breaks", "Breaks", DOC, EVERY

    def setup(self, setup: Setup) -> None:
        setup.ticks()

    def on_tick(self, ctx: Context, quote: Quote) -> None:
        raise ZeroDivisionError("by design")


MADE = (Ticker, Once, Patient, Blocked, Breaks)


def install() -> None:
    """Have the registry know the test strategies for good; for a process of its own."""
    known = registry.registry()
    listed = tuple(registry.Listed(each, registry.Origin.FOLDER, "tests") for each in MADE)
    joined = registry.Registry((*known.listed, *listed), known.faults)
    registry.registry = lambda: joined  # type: ignore[assignment]


@contextmanager
def installed() -> Iterator[None]:
    """The same for the time of a test."""
    kept = registry.registry
    install()
    try:
        yield
    finally:
        registry.registry = kept
