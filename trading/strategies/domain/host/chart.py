"""The closed bars of one instrument and timeframe, and the lines that are read from them.

A chart is given in one of two ways. Live it begins with a history and bars are pushed as they close. In a backtest
it is laid out over the whole span at once and a cursor moves: what lies behind the cursor is all that can be read.
Both come to the same numbers, because an indicator has one recurrence for one bar and for many.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from math import nan
from typing import Any, cast

import numpy as np

from trading.marketdata.domain.bars import PRICE_SCALE, BarSeries, Int64Array, Interval
from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.definition import Incremental, Indicator
from trading.marketdata.domain.indicators.parameters import Value

from ..market import Bar


@dataclass(frozen=True, slots=True)
class History:
    """Bars with the instant at which each is over and the open of its session, Unix seconds, all of one length."""

    series: BarSeries
    ends: Int64Array
    sessions: Int64Array

    def __len__(self) -> int:
        return len(self.series)


class FedLine:
    """A line as far as its chart has come; see `Line`."""

    __slots__ = ("_chart", "_running", "_values", "against", "indicator", "output", "parameters")

    def __init__(
        self,
        chart: "Chart",
        indicator: Indicator,
        parameters: Mapping[str, Value],
        output: str,
        against: str | None,
    ) -> None:
        self._chart = chart
        self._values: Sequence[float] = []
        self.indicator, self.parameters, self.output, self.against = indicator, parameters, output, against
        self._running: Incremental | None = None

    @property
    def now(self) -> float:
        place = self._chart.place
        return self._values[place] if place >= 0 else nan

    @property
    def before(self) -> float:
        place = self._chart.place
        return self._values[place - 1] if place > 0 else nan

    def at(self, ago: int) -> float:
        if ago < 0:
            raise ValueError("a line has no future")
        place = self._chart.place - ago
        return self._values[place] if place >= 0 else nan

    def lay_out(self, bars: Bars) -> None:
        """Have the values over all bars of the chart; the computation can go on from there bar by bar."""
        self._running = self.indicator.incremental(**self.parameters)
        values = np.ascontiguousarray(self._running.extend(bars)[self.output])
        # Reads a plain float several times as fast as the array does, and copies nothing.
        self._values = cast(Sequence[float], memoryview(cast(Any, values)))

    def push(self, bar: Mapping[str, float]) -> None:
        """Close one more bar."""
        if self._running is None:
            self._running = self.indicator.incremental(**self.parameters)
        if not isinstance(self._values, list):
            self._values = list(self._values)
        self._values.append(self._running.push(bar)[self.output])


class Chart:
    """One instrument's bars of one timeframe. `place` is that of the last closed bar, -1 before the first."""

    __slots__ = ("_ahead", "_bars", "_last", "_sessions", "interval", "lines", "place", "symbol", "warm_up")

    def __init__(self, symbol: str, interval: Interval) -> None:
        self.symbol, self.interval = symbol, interval
        self.place = -1
        self.warm_up = 0
        self.lines: list[FedLine] = []
        self._bars: list[Bar] = []
        self._sessions: list[int] = []
        self._ahead: History | None = None
        self._last = -1

    def wants(self, bars: int) -> None:
        """Have at least so many bars before the first that counts."""
        self.warm_up = max(self.warm_up, bars)

    def line(
        self, indicator: Indicator, parameters: Mapping[str, Value], output: str, against: str | None
    ) -> FedLine:
        """A line over this chart; the same wish twice is one line."""
        for each in self.lines:
            if (each.indicator.name, each.parameters, each.output) == (indicator.name, parameters, output):
                return each
        line = FedLine(self, indicator, parameters, output, against)
        self.lines.append(line)
        return line

    @property
    def last_start(self) -> int:
        """When the last closed bar began, -1 without one."""
        if self.place < 0:
            return -1
        return self._bars[self.place].start if self._ahead is None else int(self._ahead.series.start[self.place])

    def sessions(self, count: int) -> Sequence[int]:
        """The opens of the sessions of the last closed bars."""
        known = self._sessions if self._ahead is None else self._ahead.sessions.tolist()
        return known[max(self.place + 1 - count, 0) : self.place + 1]

    @property
    def compared_with(self) -> set[str]:
        """Other instruments whose closes its lines read."""
        return {line.against for line in self.lines if line.against is not None}

    def lay_out(self, history: History, closed: int, others: Mapping[str, BarSeries] | None = None) -> None:
        """Have these bars, of which the first `closed` are over; the cursor moves on by `advance`.

        `others` are bars of the instruments in `compared_with`, of the same timeframe.
        """
        self._bars, self._sessions = [], []
        self._ahead, self._last = history, len(history) - 1
        for line in self.lines:
            other = (others or {}).get(line.against or "")
            against = None if other is None else _aligned(history.series, other)
            line.lay_out(Bars.of(history.series, history.sessions, against))
        self.place = closed - 1

    def advance(self) -> bool:
        """The next bar that was laid out is over; False where there is none."""
        if self.place >= self._last:
            return False
        self.place += 1
        return True

    def push(self, bar: Bar, session: int, others: Mapping[str, float] | None = None) -> None:
        """A bar is over that was not laid out. `session` is the open of its session, `others` the closes of the
        instruments in `compared_with` at the same bar."""
        self._unroll()
        self._bars.append(bar)
        self._sessions.append(session)
        row = {
            "open": bar.open,
            "high": bar.high,
            "low": bar.low,
            "close": bar.close,
            "volume": float(bar.volume),
            "session": float(session),
        }
        for line in self.lines:
            line.push({**row, "against": (others or {}).get(line.against or "", nan)})
        self.place += 1

    def last(self, count: int) -> Sequence[Bar]:
        """The last closed bars, ascending."""
        first = max(self.place + 1 - count, 0)
        if self._ahead is None:
            return self._bars[first : self.place + 1]
        return bar_rows(self.symbol, self.interval, self._ahead, first, self.place + 1)

    def rows(self, first: int, end: int) -> Sequence[Bar]:
        """Bars by their places, among them those that are not over yet."""
        if self._ahead is None:
            return self._bars[first:end]
        return bar_rows(self.symbol, self.interval, self._ahead, first, end)

    def _unroll(self) -> None:
        """Turn what was laid out into bars, all of which must be over by now."""
        if self._ahead is not None:
            if self.place + 1 != len(self._ahead):
                raise ValueError("bars are pushed behind those that were laid out")
            self._bars = bar_rows(self.symbol, self.interval, self._ahead, 0, len(self._ahead))
            self._sessions = self._ahead.sessions.tolist()
            self._ahead, self._last = None, -1


def bar_rows(symbol: str, interval: Interval, history: History, first: int, end: int) -> list[Bar]:
    """Some of the bars as a strategy is told of them."""
    series = history.series
    prices = (
        (getattr(series, name)[first:end] / PRICE_SCALE).tolist() for name in ("open", "high", "low", "close")
    )
    columns = zip(
        repeat(symbol),
        repeat(interval),
        series.start[first:end].tolist(),
        history.ends[first:end].tolist(),
        *prices,
        series.volume[first:end].tolist(),
        series.oi[first:end].tolist(),
    )
    # A bar of a tuple, without a call of Python: a backtest makes them by the hundred thousand.
    return list(map(partial(tuple.__new__, Bar), columns))


def _aligned(series: BarSeries, other: BarSeries) -> FloatArray:
    """The other's close at each bar; NaN where it has no bar of that start."""
    found = np.full(len(series), np.nan)
    if len(other):
        place = np.minimum(np.searchsorted(other.start, series.start), len(other) - 1)
        same = other.start[place] == series.start
        found[same] = other.close[place[same]] / PRICE_SCALE
    return found
