"""`manage.py bench backtest`: the compiled kernel beside other back-testers, and beside reading the arrays once.

Before anything is timed all must come to the same final equity on plain terms. Each round measures them one after
the other, so that a slow moment meets all; the worst ratio of a round counts.
"""

import tracemalloc
from argparse import ArgumentParser
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from numpy.typing import NDArray

from backtests.domain.kernel import KernelResult, LineMemory, Market, Terms, prepare, run, signals_of, sweep
from trading.strategies.domain import SignalStrategy

from .callbacks import engine_cross
from .compiling import compile_times
from .peers import Peer, Work, installed
from .workload import COSTLY, PLAIN, RsiLevels, SmaCross, market_of

FAST, SLOW, PERIOD = 10, 30, 14
SELDOM_FAST, SELDOM_SLOW = 50, 200
_CHECKED_BARS = 20_000


class BacktestBench:
    """Ours does the most: charges line by line, bid and ask, slippage, square-off, two dozen figures."""

    help = (
        "Signals and trades of 500,000 minutes and a sweep of 1,000 settings, beside backtesting.py and vectorbt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bars", type=int, default=500_000)
        parser.add_argument("--cells", type=int, default=1_000)
        parser.add_argument("--cell-bars", type=int, default=25_000)
        parser.add_argument("--callback-bars", type=int, default=30_000, help="for what is called bar by bar")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument(
            "--slow-cells", type=int, default=10, help="of the sweep, for peers of one run at a time"
        )

    def run(
        self, out: OutputWrapper, *, bars: int, cells: int, cell_bars: int, rounds: int, **options: Any
    ) -> None:
        """Agreement first, then single runs, the sweep, memory, and compiling."""
        out.write(f"kernel ready in {prepare(out.write):.2f} s")
        peers = installed()
        out.write(
            f"beside: {', '.join(peer.name for peer in peers) or 'nothing, no other back-tester is installed'}"
        )
        _agree(peers)
        market = market_of(bars, squares_off=True)
        _single(out, peers, market, rounds)
        for fast, slow in ((FAST, SLOW), (SELDOM_FAST, SELDOM_SLOW)):
            _callbacks(out, peers, market_of(options["callback_bars"], squares_off=True), fast, slow, rounds)
        _sweep(out, peers, market_of(cell_bars, squares_off=True), cells, rounds, options["slow_cells"])
        _memory(out, market)
        compile_times(out)


def _agree(peers: list[Peer]) -> None:
    """All must trade alike where they can, or there is nothing to compare."""
    market = market_of(_CHECKED_BARS, squares_off=False)
    for strategy, known, works in (
        (
            SmaCross(fast=FAST, slow=SLOW),
            SLOW - 1,
            [peer.sma_cross(market, FAST, SLOW, costly=False) for peer in peers],
        ),
        (RsiLevels(period=PERIOD), PERIOD, [peer.rsi_levels(market, PERIOD, costly=False) for peer in peers]),
    ):
        wanted = signals_of(strategy, LineMemory(market))
        for peer, work in zip(peers, works, strict=True):
            signals = wanted.copy()
            signals[: known + peer.begins_late] = 0
            ours = run(market, signals, PLAIN).equity[-1] / 100
            if abs((theirs := work()) - ours) > 0.01:
                raise CommandError(f"{peer.name} ends with {theirs:.2f} where ours has {ours:.2f}: {strategy.key}")


def _ours(market: Market, strategy: SignalStrategy, terms: Terms) -> KernelResult:
    """The whole of it, from stored bars to figures."""
    fresh = Market(market.bars, market.session, market.tick, market.lot, market.square_off)
    return run(fresh, signals_of(strategy, LineMemory(fresh)), terms)


def _single(out: OutputWrapper, peers: list[Peer], market: Market, rounds: int) -> None:
    bars = market.bars
    columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.oi)
    cross, levels = SmaCross(fast=FAST, slow=SLOW), RsiLevels(period=PERIOD)
    signals = signals_of(cross, LineMemory(market))
    run(market, signals, COSTLY)
    works: dict[str, dict[str, Callable[[], object]]] = {
        f"SMA {FAST}/{SLOW} cross": {
            "ours": lambda: _ours(market, cross, COSTLY),
            **{peer.name: peer.sma_cross(market, FAST, SLOW, costly=True) for peer in peers},
        },
        f"RSI {PERIOD}": {
            "ours": lambda: _ours(market, levels, COSTLY),
            **{peer.name: peer.rsi_levels(market, PERIOD, costly=True) for peer in peers},
        },
        "trading alone, signals given": {
            "ours": lambda: run(market, signals, COSTLY),
            "reading the arrays": lambda: [column.sum() for column in columns],
        },
    }
    for title, libraries in works.items():
        _compare(out, f"{title}, {len(market):,} bars", libraries, dict.fromkeys(libraries, len(market)), rounds)


def _callbacks(out: OutputWrapper, peers: list[Peer], market: Market, fast: int, slow: int, rounds: int) -> None:
    """Strategies in Python on our engine, which matches against a replayed book, and on backtesting.py; of many
    orders and of few, so that what a bar costs and what an order costs can be told apart."""
    libraries: dict[str, Callable[[], object]] = {"our engine": engine_cross(market, fast, slow)}
    for peer in peers:
        if peer.name == "backtesting.py":
            libraries[peer.name] = peer.sma_cross(market, fast, slow, costly=True)
    title = f"SMA {fast}/{slow} cross called bar by bar, {len(market):,} bars"
    _compare(out, title, libraries, dict.fromkeys(libraries, len(market)), rounds)


def _sweep(out: OutputWrapper, peers: list[Peer], market: Market, cells: int, rounds: int, slow_cells: int) -> None:
    """backtesting.py does a few of the cells only, and is counted by the bar."""
    width = max(round((2 * cells) ** 0.5), 2)
    pairs = [(fast, slow) for slow in range(20, 20 + width) for fast in range(2, 20 + width) if fast < slow][:cells]
    grid = [{"fast": fast, "slow": slow} for fast, slow in pairs]
    fewer = {"backtesting.py": pairs[:: max(len(pairs) // slow_cells, 1)][:slow_cells]}
    libraries: dict[str, Callable[[], object]] = {
        "ours, two threads": lambda: sweep(SmaCross, grid, market, COSTLY, threads=2),
        "ours, one thread": lambda: sweep(SmaCross, grid, market, COSTLY, threads=1),
    }
    work: dict[str, int] = dict.fromkeys(libraries, len(pairs) * len(market))
    for peer in peers:
        chosen = fewer.get(peer.name, pairs)
        swept: Work = peer.sweep(market, chosen)
        libraries[peer.name], work[peer.name] = swept, len(chosen) * len(market)
    _compare(out, f"sweep of {len(pairs):,} crosses, {len(market):,} bars each", libraries, work, rounds)


def _compare(
    out: OutputWrapper, title: str, libraries: dict[str, Callable[[], object]], bars: dict[str, int], rounds: int
) -> None:
    """Time on the clock and of the processor; the first named is what the others are held against.

    On a busy machine the clock tells of its other work too; the processor does not, but knows nothing of threads.
    """
    for name, work in libraries.items():
        if name != "backtesting.py":  # It has nothing to warm up, and takes long.
            work()
    times = [{name: _spent(work) / bars[name] for name, work in libraries.items()} for _ in range(rounds)]
    first = next(iter(libraries))
    out.write(f"\n{title}: {rounds} rounds; ratios are the worst round's, to {first}")
    out.write(f"{'':22}{'best ms':>12}{'CPU ms':>12}{'bars/s':>16}{'ratio':>12}{'CPU ratio':>12}")
    for name in libraries:
        wall, processor = np.min([each[name] for each in times], axis=0)
        ratio, of_processor = np.min([each[name] / each[first] for each in times], axis=0)
        out.write(
            f"{name:22}{wall * bars[name] * 1e3:>12,.1f}{processor * bars[name] * 1e3:>12,.1f}{1 / wall:>16,.0f}"
            f"{ratio:>12.2f}{of_processor:>12.2f}"
        )


def _memory(out: OutputWrapper, market: Market) -> None:
    """What a run holds at its height beside the bars that it was given, as the allocators of Python and numpy saw
    it."""
    given = sum(
        column.nbytes
        for column in (*(getattr(market.bars, name) for name in market.bars.__slots__), market.session)
    )
    tracemalloc.start()
    try:
        result = _ours(market, SmaCross(fast=FAST, slow=SLOW), COSTLY)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The compiled loop's own table of fills is beyond their sight: at most twice what was kept.
    peak += 2 * sum(getattr(result.fills, name).nbytes for name in result.fills.__slots__)
    out.write(
        f"\nmemory: bars {given / 1e6:.1f} MB, at most {peak / 1e6:.1f} MB beside them: {peak / given:.2f} times"
    )


def _spent(action: Callable[[], object]) -> NDArray[np.float64]:
    """Seconds of the clock and of the processor."""
    before = np.array([perf_counter(), process_time()])
    action()
    spent: NDArray[np.float64] = np.array([perf_counter(), process_time()]) - before
    return spent
