"""How much of a day's minutes is stored."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_ENOUGH = 0.9
"""A share that trades all day still has minutes without a trade; fewer than this share of the session is a gap."""


class DayState(StrEnum):
    """What is to be said of an instrument's trading day."""

    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    MISSING = "MISSING"
    NOT_EXPECTED = "NOT_EXPECTED"
    """Before its first day, after its expiry, or officially without a trade."""

    @property
    def is_gap(self) -> bool:
        """Whether something could be filled."""
        return self in (DayState.PARTIAL, DayState.MISSING)


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """An instrument's trading day: minutes that the session has, and minutes that are stored."""

    date: date
    state: DayState
    expected: int
    stored: int


def minute_state(*, expected: int, stored: int, trades_all_day: bool, was_idle: bool) -> DayState:
    """The state of a day by its minutes.

    `trades_all_day` is False for contracts, which may stand still for hours: any minute is enough for them.
    `was_idle` says that the exchange reported no trade.
    """
    if stored == 0:
        return DayState.NOT_EXPECTED if was_idle else DayState.MISSING
    if trades_all_day and stored < expected * _ENOUGH:
        return DayState.PARTIAL
    return DayState.COMPLETE
