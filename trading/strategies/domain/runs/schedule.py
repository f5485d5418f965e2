"""When a run may trade: on which days, and from when to when on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntEnum

from core.clock import IST


class Weekday(IntEnum):
    """Days of the week, as `date.weekday()` counts them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


EVERY_DAY = (1 << len(Weekday)) - 1


def mask_of(days: Iterable[Weekday]) -> int:
    """The days as bits, Monday the lowest."""
    return sum(1 << day for day in set(days))


def days_of(mask: int) -> tuple[Weekday, ...]:
    """The inverse of `mask_of`, in the order of the week."""
    return tuple(day for day in Weekday if mask >> day & 1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Times of the day in India; None for the session's own. `stop` is the first moment that is over.

    Without `special_sessions` the run keeps still in sessions that the exchange adds to its usual ones.
    """

    weekdays: int = EVERY_DAY
    start: time | None = None
    stop: time | None = None
    special_sessions: bool = True
    flatten: bool = False

    def is_day(self, day: date) -> bool:
        """Whether the run trades on that weekday at all."""
        return bool(self.weekdays >> day.weekday() & 1)

    def is_on(self, at: datetime) -> bool:
        """Whether the run may send orders at a moment (aware), as far as its own times go."""
        local = at.astimezone(IST)
        return self.is_day(local.date()) and not self.is_early(local.time()) and not self.is_late(local.time())

    def is_early(self, at: time) -> bool:
        return self.start is not None and at < self.start

    def is_late(self, at: time) -> bool:
        return self.stop is not None and at >= self.stop

    def flattens_at(self, at: datetime) -> bool:
        """Whether by now the day's positions have to be closed, because its stop has passed."""
        local = at.astimezone(IST)
        return self.flatten and self.is_day(local.date()) and self.is_late(local.time())
