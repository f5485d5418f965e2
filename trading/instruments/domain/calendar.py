"""Which days an exchange trades, and when a day is out of the ordinary. Dates are exchange dates (IST)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

from core.errors import Unavailable


class CalendarUnknown(Unavailable):
    """No calendar is loaded for that year: nobody may guess whether the exchange trades."""

    code = "calendar_unknown"

    def __init__(self, calendar: str, year: int) -> None:
        super().__init__(f"The {calendar} calendar has no data for {year}.", retry_after=3600)
        self.calendar = calendar
        self.year = year


class DayKind(StrEnum):
    """Why a day differs from the weekday rule."""

    HOLIDAY = "HOLIDAY"
    SPECIAL = "SPECIAL"
    SHORT = "SHORT"


@dataclass(frozen=True, slots=True)
class Hours:
    """A continuous session of a day, [opens, closes) in IST."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class ExceptionalDay:
    """A holiday without hours, or a day with its own.

    SPECIAL days trade although weekends or holidays do not, SHORT days trade less than the rule says.
    """

    on: date
    kind: DayKind
    name: str
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class TradingCalendar:
    """The trading days of one exchange: Monday to Friday, but for the exceptional days.

    A year is known when it has at least one exceptional day; every real year has holidays.
    """

    code: str
    days: Mapping[date, ExceptionalDay]
    years: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", frozenset(day.year for day in self.days))

    @classmethod
    def of(cls, code: str, days: Iterable[ExceptionalDay]) -> "TradingCalendar":
        """Build from days in any order."""
        return cls(code, {day.on: day for day in days})

    def exception(self, on: date) -> ExceptionalDay | None:
        """The exceptional day, if it is one; raises CalendarUnknown."""
        if on.year not in self.years:
            raise CalendarUnknown(self.code, on.year)
        return self.days.get(on)

    def is_trading_day(self, on: date) -> bool:
        """Whether the exchange holds any session on that date; raises CalendarUnknown."""
        exception = self.exception(on)
        if exception is None:
            return on.weekday() < 5
        return exception.kind is not DayKind.HOLIDAY

    def trading_days(self, first: date, last: date) -> list[date]:
        """All trading days from `first` to `last`, both included; raises CalendarUnknown."""
        span = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
        return [on for on in span if self.is_trading_day(on)]

    def next_trading_day(self, after: date) -> date:
        """The first trading day later than `after`; raises CalendarUnknown at the end of the data."""
        on = after + timedelta(days=1)
        while not self.is_trading_day(on):
            on += timedelta(days=1)
        return on

    def previous_trading_day(self, before: date) -> date:
        """The last trading day earlier than `before`; raises CalendarUnknown at the start of the data."""
        on = before - timedelta(days=1)
        while not self.is_trading_day(on):
            on -= timedelta(days=1)
        return on
