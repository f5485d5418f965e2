"""Returns by month and year, and results by the day and hour of entry."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from .returns import FloatArray, total_return
from .round_trips import RoundTrip
from .trade_figures import TradeFigures, trade_figures

IST = ZoneInfo("Asia/Kolkata")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MEANT = 9
"""Decimals of a paisa that a mean price of any order is exact to."""


@dataclass(frozen=True, slots=True)
class YearOfMonths:
    """Compounded returns of a year's months, January first; None where no day was counted."""

    year: int
    months: tuple[float | None, ...]
    total: float


@dataclass(frozen=True, slots=True)
class DayResult:
    """One day's return (a fraction) and gain."""

    day: date
    value: float
    gain_paise: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Trades that have something in common, such as the hour of their entry."""

    name: str
    figures: TradeFigures


def monthly_table(days: Sequence[date], returns: FloatArray) -> tuple[YearOfMonths, ...]:
    """Years in order, each with its twelve months and what they compound to."""
    by_month: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for day, value in zip(days, returns.tolist(), strict=True):
        by_month[day.year, day.month].append(value)
    rows = []
    for year in sorted({year for year, _ in by_month}):
        months = tuple(
            total_return(np.array(by_month[year, month])) if (year, month) in by_month else None
            for month in range(1, 13)
        )
        total = total_return(np.array([month for month in months if month is not None]))
        rows.append(YearOfMonths(year, months, total))
    return tuple(rows)


def by_weekday(trips: Iterable[RoundTrip]) -> tuple[Bucket, ...]:
    """Trades by the Indian weekday on which they were closed; days without any are left out."""
    return _buckets(trips, lambda trip: trip.closed_at.astimezone(IST).weekday(), lambda day: WEEKDAYS[day])


def by_hour(trips: Iterable[RoundTrip]) -> tuple[Bucket, ...]:
    """Trades by the hour (IST) in which they were opened; hours without any are left out."""
    return _buckets(trips, lambda trip: trip.opened_at.astimezone(IST).hour, lambda hour: f"{hour:02d}:00")


def net_in_paise(trip: RoundTrip) -> int:
    """A round trip's net result in whole paise, half to even: a mean price may have more decimals.

    It has 28 digits, so a half is one after what is beyond them has been rounded away.
    """
    return round(round(trip.net_paise, _MEANT))


def _buckets(
    trips: Iterable[RoundTrip], key: Callable[[RoundTrip], int], name: Callable[[int], str]
) -> tuple[Bucket, ...]:
    found: defaultdict[int, list[RoundTrip]] = defaultdict(list)
    for trip in trips:
        found[key(trip)].append(trip)
    return tuple(
        Bucket(name(each), trade_figures([net_in_paise(trip) for trip in members], [trip.held for trip in members]))
        for each, members in sorted(found.items())
    )
