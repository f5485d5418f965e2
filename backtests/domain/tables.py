"""A result cut into months, hours and sizes, for tables and bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.bars import DAY, IST_OFFSET

Int64Array = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_EPOCH = date(1970, 1, 1)
_HOUR = 3_600
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Year:
    """Returns of twelve months as fractions, None where there was no day, and of the year."""

    year: int
    months: tuple[float | None, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Bin:
    """How many trades came to at least `low` and less than `high` (the last bin includes it)."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Slot:
    """The trades that were opened in one hour of the day, or on one day of the week. Net paise."""

    label: str
    trades: int
    wins: int
    net: int


def monthly(capital: int, days: Int64Array, closes: Int64Array) -> tuple[Year, ...]:
    """Each year's months, compounded from equity at their ends; `days` are Indian days since 1970, ascending."""
    ends: dict[tuple[int, int], int] = {}
    for day, close in zip(days.tolist(), closes.tolist(), strict=True):
        on = _EPOCH + timedelta(days=day)
        ends[on.year, on.month] = close
    found: dict[int, list[float | None]] = {}
    begins: dict[int, int] = {}
    before = capital
    for (year, month), close in ends.items():
        begins.setdefault(year, before)
        found.setdefault(year, [None] * 12)[month - 1] = close / before - 1.0 if before > 0 else None
        before = close
    last = {year: close for (year, _), close in ends.items()}
    return tuple(
        Year(year, tuple(months), last[year] / begins[year] - 1.0 if begins[year] > 0 else 0.0)
        for year, months in found.items()
    )


def histogram(values: FloatArray, bins: int = 24) -> tuple[Bin, ...]:
    """Equal bins with an edge at zero, so that no bin mixes gains and losses; nothing of nothing."""
    if not len(values):
        return ()
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    if low == high:
        return (Bin(low, high, len(values)),)
    width = (high - low) / bins
    below, above = int(np.ceil(-low / width)), int(np.ceil(high / width))
    edges = np.arange(-below, above + 1) * width
    counts, _ = np.histogram(values, edges)
    return tuple(
        Bin(float(left), float(right), int(count))
        for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )


def by_hour(opened: Int64Array, net: Int64Array) -> tuple[Slot, ...]:
    """Trades by the hour in India in which they were opened; hours without one are left out."""
    hours = (opened + IST_OFFSET) % DAY // _HOUR
    return tuple(_slot(f"{hour:02d}:00", net[hours == hour]) for hour in np.unique(hours).tolist())


def by_weekday(opened: Int64Array, net: Int64Array) -> tuple[Slot, ...]:
    """Trades by the day of the week on which they were opened; days without one are left out."""
    # 1 January 1970 was a Thursday.
    weekdays = ((opened + IST_OFFSET) // DAY + 3) % 7
    return tuple(_slot(WEEKDAYS[day], net[weekdays == day]) for day in np.unique(weekdays).tolist())


def _slot(label: str, net: Int64Array) -> Slot:
    return Slot(label, len(net), int((net > 0).sum()), int(net.sum()))


def underwater(capital: int, paise: Sequence[int] | Int64Array) -> FloatArray:
    """By which fraction each value lies below the highest before it, the capital included."""
    values = np.asarray(paise, dtype=np.float64)
    peaks = np.maximum(np.maximum.accumulate(values), float(capital)) if len(values) else values
    return np.divide(values - peaks, peaks, out=np.zeros_like(values), where=peaks > 0)
