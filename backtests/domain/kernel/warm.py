"""Having the machine code ready before it is needed, and telling whoever waits for it."""

from collections.abc import Callable
from decimal import Decimal
from threading import Lock
from time import perf_counter

import numpy as np

from core.machine_code import is_kept
from trading.marketdata.domain.bars import BarSeries

from . import loop
from .market import Market
from .run import CONVENTIONS, Prepared, empty_rows
from .terms import Sizing, Terms

COMPILING = "Compiling the back-test kernel, once on this machine (some seconds)…"
_once = Lock()
_ready = False


def prepare(note: Callable[[str], None] | None = None) -> float:
    """Compile the loop, or load what an earlier process has compiled; returns the seconds that took.

    `note` is told before a compilation begins and after it has ended, not of a mere loading. Every later call
    returns at once.
    """
    global _ready
    with _once:
        if _ready:
            return 0.0
        compiles = not (is_kept(loop.trade) and is_kept(loop.trade_each))
        if compiles and note is not None:
            note(COMPILING)
        started = perf_counter()
        _one_bar()
        seconds = perf_counter() - started
        if compiles and note is not None:
            note(f"The back-test kernel is compiled ({seconds:.1f} s).")
        _ready = True
        return seconds


def _one_bar() -> None:
    bars = BarSeries(*(np.full(1, value, dtype=np.int64) for value in (0, 100, 100, 100, 100, 0, 0)))
    market = Market(bars, np.zeros(1, dtype=np.int64), tick=1)
    prepared = Prepared.of(market, Terms(capital=Decimal(1), sizing=Sizing(units=1)), CONVENTIONS)
    totals, sums = empty_rows(1)
    nothing, signals = np.zeros((1, 0), dtype=np.int64), np.zeros((1, 1), dtype=np.int8)
    prepared.trade(signals[0], equity=nothing[0], daily=nothing[0], totals=totals[0], sums=sums[0])
    prepared.trade_each(signals, daily=nothing, totals=totals, sums=sums)
