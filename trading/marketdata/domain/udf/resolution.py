"""Resolutions of the UDF protocol, and the times of its bars.

An intraday bar's time is its start. A bar of a day or longer has the time 00:00 UTC of its first day, whichever
zone the exchange keeps; ours start at midnight in India.
"""

from enum import StrEnum

import numpy as np

from ..bars import DAY, IST_OFFSET, BarSeries, Int64Array, Interval, merge


class Resolution(StrEnum):
    """How long a bar is, in the protocol's spelling."""

    M1 = "1"
    M3 = "3"
    M5 = "5"
    M15 = "15"
    M30 = "30"
    H1 = "60"
    D1 = "1D"
    W1 = "1W"
    MONTH = "1M"

    @property
    def interval(self) -> Interval:
        """The candles that its bars are made from."""
        return _INTERVALS[self]

    @property
    def is_intraday(self) -> bool:
        """Whether a session holds several bars."""
        return self not in (Resolution.D1, Resolution.W1, Resolution.MONTH)

    @property
    def longest_seconds(self) -> int:
        """The longest that a bar lasts in calendar time."""
        return 31 * DAY if self is Resolution.MONTH else self.interval.seconds

    @property
    def offset(self) -> int:
        """Seconds from a candle's start to the protocol's time of its bar."""
        return 0 if self.is_intraday else IST_OFFSET

    @classmethod
    def parse(cls, text: str) -> "Resolution":
        """Read a resolution, also in the short spellings D, W and M; raises ValueError."""
        return cls(f"1{text}" if text in ("D", "W", "M") else text)


_INTERVALS = {
    Resolution.M1: Interval.M1,
    Resolution.M3: Interval.M3,
    Resolution.M5: Interval.M5,
    Resolution.M15: Interval.M15,
    Resolution.M30: Interval.M30,
    Resolution.H1: Interval.H1,
    Resolution.D1: Interval.D1,
    Resolution.W1: Interval.W1,
    Resolution.MONTH: Interval.D1,
}
INTRADAY_MULTIPLIERS = [each.value for each in Resolution if each.is_intraday]


def to_bars(candles: BarSeries, resolution: Resolution) -> BarSeries:
    """Candles of `resolution.interval` as bars in the protocol's time."""
    timed = BarSeries.from_columns(candles.columns())
    np.add(timed.start, resolution.offset, out=timed.start)
    return merge(timed, month_starts(timed.start)) if resolution is Resolution.MONTH and len(timed) else timed


def month_starts(times: Int64Array) -> Int64Array:
    """00:00 UTC of the first day of each time's month (Unix seconds)."""
    return times.astype("datetime64[s]").astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
