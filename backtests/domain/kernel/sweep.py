"""Many settings of one strategy over one market, side by side in threads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from threading import Event, Lock

import numpy as np

from analytics.domain.conventions import Conventions
from core.errors import SaudaError
from trading.marketdata.domain.bars import Int64Array
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import SignalStrategy

from .columns import Signals
from .figures import Figures
from .market import Market
from .run import CONVENTIONS, Prepared, empty_rows
from .signals import LineMemory, signals_of
from .terms import Terms

Cell = Mapping[str, Value]
_CHUNKS_A_THREAD = 8
_CHUNK_BYTES = 4 << 20
"""Of signals for one call of the compiled loop: the longer it runs, the less threads wait for each other."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """A row for each cell, in the cells' order.

    `refused` says why a cell has no figures (they are NaN): settings that do not go together, or a strategy that
    failed at them. `done` tells which cells were reached before the sweep was cancelled. `daily` has the equity at
    the end of each day in paise, a row a cell, where it was asked for; else no columns.
    """

    figures: Figures
    daily: Int64Array
    refused: Mapping[int, str]
    done: np.ndarray
    lines_computed: int


def sweep(
    strategy: type[SignalStrategy],
    cells: Sequence[Cell],
    market: Market,
    terms: Terms,
    *,
    threads: int | None = None,
    daily: bool = False,
    conventions: Conventions = CONVENTIONS,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SweepResult:
    """Figures of each cell. One that fails leaves the others unharmed.

    `progress` is told how many cells are done, in the caller's thread; `cancelled` is asked there.
    """
    work = _Sweep(strategy, cells, market, terms, conventions, daily)
    workers = max(1, min(threads or cpu_count() or 1, len(cells)))
    # What every cell shares is made once, before there are threads to make it twice.
    _ = market.marks, market.first_pieces
    with ThreadPoolExecutor(workers, thread_name_prefix="sweep") as pool:
        reached = 0
        for count in pool.map(work.chunk, _chunks(len(cells), workers, len(market))):
            reached += count
            if progress is not None:
                progress(reached)
            if cancelled is not None and cancelled():
                work.stop.set()
    return work.result()


def _chunks(count: int, workers: int, bars: int) -> Iterator[range]:
    size = max(1, min(count // (workers * _CHUNKS_A_THREAD), _CHUNK_BYTES // max(bars, 1)))
    return (range(first, min(first + size, count)) for first in range(0, count, size))


class _Sweep:
    """Shared by the threads: each writes rows of its own cells only."""

    def __init__(
        self,
        strategy: type[SignalStrategy],
        cells: Sequence[Cell],
        market: Market,
        terms: Terms,
        conventions: Conventions,
        daily: bool,
    ) -> None:
        self.strategy, self.cells = strategy, cells
        self.prepared = Prepared.of(market, terms, conventions)
        self.memory = LineMemory(market)
        self.totals, self.sums = empty_rows(len(cells))
        self.daily = np.zeros((len(cells), market.days if daily else 0), dtype=np.int64)
        self.done = np.zeros(len(cells), dtype=np.bool_)
        self.refused: dict[int, str] = {}
        self.stop = Event()
        # Signals are made under the interpreter's lock: two threads that make them at once hinder each other more
        # than one that waits for it while the other trades.
        self._deciding = Lock()

    def chunk(self, cells: range) -> int:
        """Signals one cell after another, then all of them through the loop; returns how many were reached."""
        if self.stop.is_set():
            return 0
        rows = slice(cells.start, cells.stop)
        with self._deciding:
            signals = self._signals(cells)
        daily, totals, sums = self.daily[rows], self.totals[rows], self.sums[rows]
        self.prepared.trade_each(signals, daily=daily, totals=totals, sums=sums)
        self.done[rows] = True
        return len(cells)

    def _signals(self, cells: range) -> Signals:
        """A row for each cell; no wish at all where a cell's strategy failed."""
        signals = np.zeros((len(cells), len(self.prepared.market)), dtype=np.int8)
        for row, cell in enumerate(cells):
            try:
                signals[row] = signals_of(self.strategy(**self.cells[cell]), self.memory)
            except SaudaError as error:
                self.refused[cell] = error.detail
            except Exception as error:  # noqa: BLE001  # a strategy may raise anything: it is told of its cell
                self.refused[cell] = f"{type(error).__name__}: {error}"[:200]
        return signals

    def result(self) -> SweepResult:
        figures = self.prepared.figures(self.totals, self.sums)
        without = ~self.done
        without[list(self.refused)] = True
        for _, column in figures.columns():
            column[without] = np.nan
        return SweepResult(figures, self.daily, self.refused, self.done, self.memory.computed)
