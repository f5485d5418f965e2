"""Which bars are over, and what they were: read from the stored minutes, which backtests read too."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import PRICE_SCALE, BarSeries, Interval
from trading.marketdata.selectors import STORED_AFTER, candles, minutes_of_many
from trading.strategies.domain.host import ChartKey
from trading.strategies.domain.market import Bar

from .hours import next_bar

# At the least so long of the wall's time after a bar's end, however fast the market's clock runs: minutes are
# drained once a second, then written.
_WRITTEN_AFTER = 1.6


class BarClock:
    """Tells the bars of a run's charts as they are over. All timeframes that end together are told together."""

    def __init__(self, charts: Mapping[ChartKey, Instrument], through: Mapping[Interval, int]) -> None:
        """`charts` in the order of declaration; bars that ended by `through` (Unix seconds) were told."""
        self._charts = charts
        self._through = dict(through)
        self._next: dict[Interval, tuple[int, int] | None] = {}
        self._passed: dict[int, float] = {}

    def due(self, now: datetime) -> int | None:
        """The earliest end (Unix seconds) of bars that are over and stored; None while there are none."""
        self._look()
        ends = [window[1] for window in self._next.values() if window is not None]
        end = min(ends, default=None)
        moment = now.timestamp()
        if end is None or moment < end:
            return None
        passed = self._passed.setdefault(end, time.monotonic())
        is_stored = moment >= end + STORED_AFTER and time.monotonic() - passed >= _WRITTEN_AFTER
        return end if is_stored or moment >= end + 60 + STORED_AFTER else None

    def take(self, end: int) -> list[Bar]:
        """The bars that ended then, in the order of declaration; an instrument that did not trade has none."""
        self._look()
        windows = {
            interval: window for interval, window in self._next.items() if window is not None and window[1] == end
        }
        bars = [bar for interval, window in windows.items() for bar in self._read(interval, *window)]
        for interval in windows:
            self._through[interval] = end
            del self._next[interval]
        self._passed.pop(end, None)
        order = {key: place for place, key in enumerate(self._charts)}
        return sorted(bars, key=lambda bar: order[bar.symbol, bar.interval])

    def _look(self) -> None:
        for (_, interval), instrument in self._charts.items():
            if interval not in self._next:
                self._next[interval] = next_bar(instrument, interval, self._through[interval])

    def _read(self, interval: Interval, start: int, end: int) -> list[Bar]:
        instruments = {
            key: instrument for (key, timeframe), instrument in self._charts.items() if timeframe is interval
        }
        if interval.seconds >= Interval.D1.seconds:
            found = {key: _stored_bar(each, interval, start, end) for key, each in instruments.items()}
        else:
            minutes = minutes_of_many([each.pk for each in instruments.values()], _instant(start), _instant(end))
            found = {key: minutes.get(each.pk) for key, each in instruments.items()}
        return [_bar(key, interval, start, end, series) for key, series in found.items() if series is not None]


def _stored_bar(instrument: Instrument, interval: Interval, start: int, end: int) -> BarSeries | None:
    series = candles(instrument, interval, start=_instant(start), end=_instant(end), limit=2)
    of_bar = series.start == start
    return BarSeries.from_columns(series.columns()[of_bar]) if of_bar.any() else None


def _bar(key: str, interval: Interval, start: int, end: int, series: BarSeries) -> Bar:
    """One bar of the stored ones that it is made of."""
    return Bar(
        symbol=key,
        interval=interval,
        start=start,
        end=end,
        open=int(series.open[0]) / PRICE_SCALE,
        high=int(series.high.max()) / PRICE_SCALE,
        low=int(series.low.min()) / PRICE_SCALE,
        close=int(series.close[-1]) / PRICE_SCALE,
        volume=int(series.volume.sum()),
        oi=int(series.oi[-1]),
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
