"""Calendar months in India, by which candles are stored."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Self

_IST = timezone(timedelta(hours=5, minutes=30))


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year; `str()` gives `2026_11`, the suffix of its partition."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str()`; raises ValueError."""
        year, _, month = text.partition("_")
        if len(year) != 4 or len(month) != 2:
            raise ValueError(f"{text!r} is not a month such as 2026_11")
        return cls.of(date(int(year), int(month), 1))

    def plus(self, months: int) -> Self:
        """So many months later, or earlier when negative."""
        count = self.year * 12 + self.month - 1 + months
        return type(self)(count // 12, count % 12 + 1)

    @property
    def first_day(self) -> date:
        """Its first date."""
        return date(self.year, self.month, 1)

    @property
    def starts(self) -> datetime:
        """Its first instant, in UTC: midnight in India."""
        return datetime(self.year, self.month, 1, tzinfo=_IST).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return self.plus(1).starts

    def __str__(self) -> str:
        return f"{self.year:04}_{self.month:02}"
