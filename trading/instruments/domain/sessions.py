"""The phases of a trading day, by dated rules. Times of day are IST, instants are aware UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from .calendar import TradingCalendar

IST = ZoneInfo("Asia/Kolkata")


class Segment(StrEnum):
    """Instruments that share trading hours."""

    EQUITY = "EQUITY"
    EQUITY_FNO = "EQUITY_FNO"
    EQUITY_DERIVATIVES = "EQUITY_DERIVATIVES"


class Phase(StrEnum):
    """What the market does at an instant; orders match in CONTINUOUS. A halt makes it HALTED."""

    CLOSED = "CLOSED"
    PRE_OPEN = "PRE_OPEN"
    CONTINUOUS = "CONTINUOUS"
    CLOSING_AUCTION = "CLOSING_AUCTION"
    POST_CLOSE = "POST_CLOSE"
    HALTED = "HALTED"


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """From `valid_from` to `valid_to` (both included) a segment is in `phase` from `starts` until `ends`."""

    segment: Segment
    phase: Phase
    starts: time
    ends: time
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, on: date) -> bool:
        """Whether the rule is in force on that date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class PhaseWindow:
    """A phase of one day, as half-open instants [starts, ends)."""

    phase: Phase
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class SessionState:
    """The market at an instant.

    `opens_at` and `closes_at` bound the current continuous session, or the next one while none runs;
    None when the calendar does not reach that far. `reason` says in words why the phase is what it is.
    """

    phase: Phase
    opens_at: datetime | None
    closes_at: datetime | None
    reason: str

    @property
    def is_open(self) -> bool:
        """True while orders are matched continuously."""
        return self.phase is Phase.CONTINUOUS


def day_windows(
    rules: Iterable[PhaseRule], calendar: TradingCalendar, segment: Segment, on: date
) -> tuple[PhaseWindow, ...]:
    """The phases of a segment on a date in order, empty on a day without trading; raises CalendarUnknown.

    A day with hours of its own has continuous sessions and no other phase: the exchange announces the rest
    of such a day case by case.
    """
    if not calendar.is_trading_day(on):
        return ()
    exception = calendar.exception(on)
    if exception is not None:
        return tuple(
            PhaseWindow(Phase.CONTINUOUS, _instant(on, hours.opens), _instant(on, hours.closes))
            for hours in sorted(exception.hours, key=lambda hours: hours.opens)
        )
    windows = [
        PhaseWindow(rule.phase, _instant(on, rule.starts), _instant(on, rule.ends))
        for rule in rules
        if rule.segment is segment and rule.holds_on(on)
    ]
    return tuple(sorted(windows, key=lambda window: window.starts))


def phase_at(windows: Sequence[PhaseWindow], at: datetime) -> Phase:
    """The phase at an aware instant, CLOSED between and outside the windows."""
    return next((window.phase for window in windows if window.starts <= at < window.ends), Phase.CLOSED)


def next_continuous(windows: Sequence[PhaseWindow], at: datetime) -> PhaseWindow | None:
    """The continuous session that runs at an instant, else the day's next one, else None."""
    return next((window for window in windows if window.phase is Phase.CONTINUOUS and at < window.ends), None)


def exchange_date(at: datetime) -> date:
    """The exchange's date (IST) at an aware instant."""
    return at.astimezone(IST).date()


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, tzinfo=IST).astimezone(UTC)
