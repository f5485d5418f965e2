"""Candle series as numpy arrays, exact: prices are whole ten-thousandths of a rupee in int64."""

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PRICE_SCALE = 10_000
MINUTE = 60
DAY = 86_400
_WEEK = 7 * DAY
IST_OFFSET = 19_800
"""Seconds that Indian clocks are ahead of UTC."""
_MONDAY_OFFSET = 3 * DAY
"""1 January 1970 was a Thursday: shifted by this, weeks of Unix time begin on Monday."""

Int64Array = NDArray[np.int64]


class Interval(StrEnum):
    """How long a candle is; all derive from the minute."""

    __hash__ = str.__hash__
    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    D1 = "1d"
    W1 = "1w"

    @property
    def seconds(self) -> int:
        """The interval's length; a day or week counts in calendar time."""
        return _SECONDS[self]


_SECONDS = {
    Interval.M1: 60,
    Interval.M3: 180,
    Interval.M5: 300,
    Interval.M15: 900,
    Interval.M30: 1800,
    Interval.H1: 3600,
    Interval.D1: DAY,
    Interval.W1: _WEEK,
}


def scale_price(price: Decimal) -> int:
    """A price in whole ten-thousandths of a rupee. Raises ValueError when it has finer digits."""
    scaled = price * PRICE_SCALE
    if scaled != scaled.to_integral_value():
        raise ValueError(f"price {price} is finer than 1/{PRICE_SCALE} rupee")
    return int(scaled)


def is_scalable(price: Decimal) -> bool:
    """Whether a finite price has no finer digits than `scale_price` takes."""
    scaled = price * PRICE_SCALE
    return scaled == scaled.to_integral_value()


@lru_cache(maxsize=1 << 16)
def unscale_price(scaled: int) -> Decimal:
    """The inverse of `scale_price`, without trailing zeros beyond two decimals."""
    price = Decimal(int(scaled)).scaleb(-4)
    return price.quantize(Decimal("0.01")) if scaled % 100 == 0 else price


@dataclass(frozen=True, slots=True)
class BarSeries:
    """Bars of one instrument, ascending and unique by `start` (Unix seconds); all arrays of one length."""

    start: Int64Array
    open: Int64Array
    high: Int64Array
    low: Int64Array
    close: Int64Array
    volume: Int64Array
    oi: Int64Array

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def from_columns(cls, rows: Int64Array) -> "BarSeries":
        """From an (n, 7) array whose columns are in the order of the fields."""
        return cls(*(np.ascontiguousarray(rows[:, column]) for column in range(7)))

    @classmethod
    def empty(cls) -> "BarSeries":
        """No bars at all."""
        return cls.from_columns(np.empty((0, 7), dtype=np.int64))

    def columns(self) -> Int64Array:
        """The (n, 7) array of `from_columns`."""
        return np.column_stack((self.start, self.open, self.high, self.low, self.close, self.volume, self.oi))

    def part(self, begin: int, end: int) -> "BarSeries":
        """The bars from place `begin` to before `end`, as views of the same memory."""
        return BarSeries(*(getattr(self, column.name)[begin:end] for column in fields(self)))

    def tail(self, count: int) -> "BarSeries":
        """The last `count` bars."""
        return BarSeries.from_columns(self.columns()[len(self) - count :]) if count < len(self) else self


def ist_days(start: Int64Array) -> Int64Array:
    """The Indian calendar day of each instant, as days since 1 January 1970."""
    return (start + IST_OFFSET) // DAY


def bucket_starts(start: Int64Array, interval: Interval, opens: Int64Array) -> Int64Array:
    """The start of the longer bar that each minute belongs to.

    Intraday bars are counted from the session's open (`opens`, Unix seconds, one for each minute), so that an hour
    runs 09:15 to 10:15 as on Indian charts and an evening session begins with a whole bar. A day's or week's bar
    starts at midnight in India, a week on Monday.
    """
    if interval is Interval.D1:
        return ist_days(start) * DAY - IST_OFFSET
    if interval is Interval.W1:
        shifted = start + IST_OFFSET + _MONDAY_OFFSET
        return shifted // _WEEK * _WEEK - _MONDAY_OFFSET - IST_OFFSET
    return opens + (start - opens) // interval.seconds * interval.seconds


def derive(minutes: BarSeries, interval: Interval, opens: Int64Array) -> BarSeries:
    """Longer bars from one-minute bars; `opens` as in `bucket_starts`. Missing minutes leave no trace."""
    if interval is Interval.M1 or not len(minutes):
        return minutes
    return merge(minutes, bucket_starts(minutes.start, interval, opens))


def merge(bars: BarSeries, starts: Int64Array) -> BarSeries:
    """One bar of each run of bars that share a start; `starts` is ascending, one for each of at least one bar."""
    first = np.flatnonzero(np.r_[True, starts[1:] != starts[:-1]])
    last = np.r_[first[1:], len(starts)] - 1
    return BarSeries(
        start=starts[first],
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high, first),
        low=np.minimum.reduceat(bars.low, first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume, first),
        oi=bars.oi[last],
    )
