"""Other back-testers at the bench's strategies, each as its own documentation writes them.

They charge a share of turnover and slip by a share of the price: no levies, no square-off, which none of them has.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import talib

from backtests.domain.kernel import Market
from trading.marketdata.domain.bars import PRICE_SCALE

from .workload import CAPITAL, OVERBOUGHT, OVERSOLD, UNITS

FEE, SLIPPAGE = 0.0005, 0.0001
Work = Callable[[], float]


class Peer(Protocol):
    """Each call prepares a piece of work on a market; doing it gives the final equity in rupees.

    `begins_late` is how many bars after its indicators are known it first acts.
    """

    name: str
    begins_late: int

    def sma_cross(self, market: Market, fast: int, slow: int, *, costly: bool) -> Work: ...
    def rsi_levels(self, market: Market, period: int, *, costly: bool) -> Work: ...
    def sweep(self, market: Market, cells: Sequence[tuple[int, int]]) -> Work: ...


def installed() -> list[Peer]:
    """Those that can be imported here; `uv sync --group bench` adds the ones that are no part of the project."""
    found: list[Peer] = []
    for load in (_backtesting, _vectorbt):
        try:
            with _quiet():
                found.append(load())
        except ImportError:
            continue
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _frame(market: Market) -> Any:
    import pandas as pd

    bars = market.bars
    columns = {
        name: column / PRICE_SCALE
        for name, column in (("Open", bars.open), ("High", bars.high), ("Low", bars.low), ("Close", bars.close))
    }
    index = pd.DatetimeIndex(bars.start.astype("datetime64[s]"))
    return pd.DataFrame({**columns, "Volume": bars.volume.astype(np.float64)}, index=index)


@dataclass
class BacktestingPy:
    """backtesting.py, with the averages by TA-Lib. Its statistics come with every run."""

    library: Any
    cross: Any
    name: str = "backtesting.py"
    begins_late: int = 1

    def sma_cross(self, market: Market, fast: int, slow: int, *, costly: bool) -> Work:
        """`fast` and `slow` as its tutorial's SmaCross has them."""

        class Cross(self.library.Strategy):  # type: ignore[misc, name-defined]
            n1, n2 = fast, slow

            def init(self) -> None:
                self.fast = self.I(talib.SMA, self.data.Close, self.n1)
                self.slow = self.I(talib.SMA, self.data.Close, self.n2)

            def next(self) -> None:
                gap = self.fast[-1] - self.slow[-1]
                if gap > 0 and not self.position.is_long:
                    self.position.close()
                    self.buy(size=UNITS)
                elif gap < 0 and not self.position.is_short:
                    self.position.close()
                    self.sell(size=UNITS)
                elif gap == 0:
                    self.position.close()

        return self._work(market, Cross, costly=costly)

    def rsi_levels(self, market: Market, period: int, *, costly: bool) -> Work:
        crossed = self.cross

        class Levels(self.library.Strategy):  # type: ignore[misc, name-defined]
            def init(self) -> None:
                self.rsi = self.I(talib.RSI, self.data.Close, period)

            def next(self) -> None:
                if not self.position and crossed(OVERSOLD, self.rsi):
                    self.buy(size=UNITS)
                elif self.position and crossed(self.rsi, OVERBOUGHT):
                    self.position.close()

        return self._work(market, Levels, costly=costly)

    def sweep(self, market: Market, cells: Sequence[tuple[int, int]]) -> Work:
        """One run after another: its optimiser starts processes, which a sweep of this size does not repay."""
        works = [self.sma_cross(market, fast, slow, costly=True) for fast, slow in cells]
        return lambda: max(work() for work in works)

    def _work(self, market: Market, strategy: Any, *, costly: bool) -> Work:
        frame = _frame(market)
        terms = {"commission": FEE, "spread": SLIPPAGE} if costly else {}

        def work() -> float:
            with _quiet():
                test = self.library.Backtest(frame, strategy, cash=float(CAPITAL), **terms)
                return float(test.run()["Equity Final [$]"])

        return work


@dataclass
class VectorBt:
    """vectorbt's portfolio of signals, shifted to the next bar's open, and seven of its figures."""

    library: Any
    name: str = "vectorbt"
    begins_late: int = 0

    def sma_cross(self, market: Market, fast: int, slow: int, *, costly: bool) -> Work:
        return self._cross(market, [(fast, slow)], costly=costly)

    def rsi_levels(self, market: Market, period: int, *, costly: bool) -> Work:
        frame = _frame(market)

        def work() -> float:
            rsi = self.library.talib("RSI").run(frame["Close"], timeperiod=period)
            sides = {"entries": rsi.real_crossed_below(OVERSOLD), "exits": rsi.real_crossed_above(OVERBOUGHT)}
            return self._figures(frame, sides, costly=costly)

        return _quietly(work)

    def sweep(self, market: Market, cells: Sequence[tuple[int, int]]) -> Work:
        return self._cross(market, cells, costly=True)

    def _cross(self, market: Market, cells: Sequence[tuple[int, int]], *, costly: bool) -> Work:
        frame = _frame(market)

        def work() -> float:
            average = self.library.talib("SMA").run
            fast = average(frame["Close"], timeperiod=[each for each, _ in cells], short_name="fast")
            slow = average(frame["Close"], timeperiod=[each for _, each in cells], short_name="slow")
            above, below = fast.real_above(slow), fast.real_below(slow)
            even = ~(above | below)
            sides = {"entries": above, "short_entries": below, "exits": even, "short_exits": even}
            return self._figures(frame, sides, costly=costly)

        return _quietly(work)

    def _figures(self, frame: Any, sides: dict[str, Any], *, costly: bool) -> float:
        terms = {"fees": FEE, "slippage": SLIPPAGE} if costly else {}
        shifted = {name: flags.vbt.signals.fshift(1) for name, flags in sides.items()}
        portfolio = self.library.Portfolio.from_signals(
            frame["Close"],
            **shifted,
            price=frame["Open"],
            size=UNITS,
            init_cash=float(CAPITAL),
            freq="1min",
            **terms,
        )
        for figure in (
            portfolio.total_return,
            portfolio.max_drawdown,
            portfolio.sharpe_ratio,
            portfolio.sortino_ratio,
        ):
            figure()
        for figure in (portfolio.trades.count, portfolio.trades.win_rate, portfolio.trades.profit_factor):
            figure()
        return float(np.max(portfolio.final_value()))


def _quietly(work: Work) -> Work:
    def quiet() -> float:
        with _quiet():
            return work()

    return quiet


def _backtesting() -> Peer:
    import backtesting
    from backtesting.lib import crossover

    # Its progress bar is for people who wait at a notebook.
    backtesting.backtesting._tqdm = lambda each, **options: each
    return BacktestingPy(backtesting, crossover)


def _vectorbt() -> Peer:
    import vectorbt

    return VectorBt(vectorbt)
