"""Reference data that each process may remember for a while: it is read on every order and changes daily."""

import time
from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

from django.db import transaction

from core.bus import get_bus

CHANNEL = "reference"

Key = TypeVar("Key")
Value = TypeVar("Value")

_caches: list["TimedCache[object, object]"] = []


class TimedCache(Generic[Key, Value]):
    """Values by key for `seconds`; dropped as a whole then, so that it cannot grow without end.

    Threads may load the same key twice at the same moment; both results are equally true.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._values: dict[Key, Value] = {}
        self._dropped_at = time.monotonic()
        _caches.append(self)  # type: ignore[arg-type]

    def get(self, key: Key, load: Callable[[], Value]) -> Value:
        """The remembered value, else what `load` returns; what `load` raises is not remembered."""
        if time.monotonic() - self._dropped_at > self._seconds:
            self.clear()
        values = self._values
        if key not in values:
            _follow_changes()
            values[key] = load()
        return values[key]

    def clear(self) -> None:
        """Forget everything."""
        self._values = {}
        self._dropped_at = time.monotonic()


def forget_reference_data() -> None:
    """Forget every instrument, calendar and session in this process, after they changed."""
    for known in _caches:
        known.clear()


def forget_reference_data_on_commit() -> None:
    """Forget them here at once, and in every process when the change is committed.

    A process that misses the bell forgets by the clock.
    """
    forget_reference_data()
    transaction.on_commit(_tell_everybody)


def _tell_everybody() -> None:
    forget_reference_data()
    get_bus().publish(CHANNEL, b"changed")


@cache
def _follow_changes() -> None:
    """Once a process, at its first reading: a server that forks would lose a thread started any earlier."""
    get_bus().subscribe(CHANNEL, lambda _: forget_reference_data())
