"""What goes wrong between a broker and its clients, on demand and from a seed."""

import random
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to one call. Those of a group come before, after or instead of the work itself.

    LATE waits and then works; LATE_ANSWER works and then waits; LOST_BEFORE closes the connection and does nothing;
    LOST_AFTER works and closes it. GARBAGE, ERROR_500_DONE, REFUSED_DONE and TIMED_OUT_DONE work and answer
    wrongly; ERROR_401 (a session that has expired), ERROR_429, ERROR_500 and TIMED_OUT do not work. HIDDEN takes an
    order that the book shows only later. EMPTY and SHORT are pages of a read without rows, or with too few.
    DUPLICATE, DROP and REORDER befall pushes.
    """

    LATE = "late"
    LATE_ANSWER = "late_answer"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    GARBAGE = "garbage"
    ERROR_401 = "401"
    ERROR_429 = "429"
    ERROR_500 = "500"
    ERROR_500_DONE = "500_done"
    REFUSED_DONE = "refused_done"
    TIMED_OUT = "timed_out"
    TIMED_OUT_DONE = "timed_out_done"
    HIDDEN = "hidden"
    EMPTY = "empty"
    SHORT = "short"
    DUPLICATE = "duplicate"
    DROP = "drop"
    REORDER = "reorder"


ORDER_CALLS = ("place", "modify", "cancel")
READS = ("orders", "trades", "positions")
OF_ORDER_CALLS = (
    FaultKind.LATE,
    FaultKind.LATE_ANSWER,
    FaultKind.LOST_BEFORE,
    FaultKind.LOST_AFTER,
    FaultKind.GARBAGE,
    FaultKind.ERROR_401,
    FaultKind.ERROR_429,
    FaultKind.ERROR_500,
    FaultKind.ERROR_500_DONE,
    FaultKind.REFUSED_DONE,
    FaultKind.TIMED_OUT,
    FaultKind.TIMED_OUT_DONE,
    FaultKind.HIDDEN,
)
OF_READS = (
    FaultKind.LATE,
    FaultKind.LOST_BEFORE,
    FaultKind.GARBAGE,
    FaultKind.ERROR_401,
    FaultKind.ERROR_429,
    FaultKind.ERROR_500,
    FaultKind.EMPTY,
    FaultKind.SHORT,
)
OF_PUSHES = (FaultKind.DUPLICATE, FaultKind.DROP, FaultKind.REORDER)


@dataclass(slots=True)
class Fault:
    """A fault that waits for the next `times` calls named `on`; `seconds` is for those that wait or hide."""

    on: str
    kind: FaultKind
    times: int = 1
    seconds: float = 1.0


class Faults:
    """The faults to come: those ordered first, then, at `rate`, any that suits the call."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._ordered: list[Fault] = []
        self._rate = 0.0
        self._seconds = 1.0

    def order(self, fault: Fault) -> None:
        """Let this happen next."""
        self._ordered.append(fault)

    def at_random(self, rate: float, seconds: float) -> None:
        """From now on let any fault happen with this probability a call (0 ends it)."""
        self._rate, self._seconds = rate, seconds

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._ordered.clear()
        self._rate = 0.0

    def next(self, on: str) -> Fault | None:
        """What happens to this call, None when nothing does."""
        for fault in self._ordered:
            if fault.on == on:
                fault.times -= 1
                if fault.times <= 0:
                    self._ordered.remove(fault)
                return fault
        if self._rate and self._chance.random() < self._rate:
            return Fault(on, self._chance.choice(_suiting(on)), seconds=self._chance.random() * self._seconds)
        return None


def _suiting(on: str) -> tuple[FaultKind, ...]:
    if on == "events":
        return OF_PUSHES
    if on in READS:
        return OF_READS
    return tuple(kind for kind in OF_ORDER_CALLS if on == "place" or kind is not FaultKind.HIDDEN)
