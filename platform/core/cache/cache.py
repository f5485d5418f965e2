"""The first tier, in this process's memory, and the way down to the others."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from core.cache import metrics
from core.cache.group import CacheGroup
from core.cache.shared import Shared, SharedTier

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# A load that takes longer is not waited for: better twice the work than everybody behind one that hangs.
_PATIENCE_SECONDS = 5.0


class _Entry(Generic[Value]):
    __slots__ = ("expires", "used", "value", "weight")

    def __init__(self, value: Value, expires: float, weight: int) -> None:
        self.value = value
        self.expires = expires
        self.weight = weight
        self.used = False


class _Flight(Generic[Key, Value]):
    """A load under way; `entries` is the memory it began with, which a forgetting replaces."""

    __slots__ = ("done", "entries", "has_value", "thread", "value")

    def __init__(self, entries: dict[Key, _Entry[Value]]) -> None:
        self.entries = entries
        self.thread = threading.get_ident()
        self.done = threading.Event()
        self.has_value = False
        self.value: Value | None = None


class Cache(Generic[Key, Value]):
    """Values by key. Treat what it returns as read-only: all callers get the same object.

    Args:
        name: as in the metrics, and of the values in Redis; unique.
        seconds: how long a value is remembered in this process.
        group: with what it is forgotten.
        most: how much fits, in units of `weigh` (without it, values). The least recently used give way.
        shared: the second tier, for values that are worth a round trip to Redis.
        key_text: a key as text, unique among the cache's keys, for the second tier.
    """

    def __init__(
        self,
        name: str,
        *,
        seconds: float,
        group: CacheGroup,
        most: int = 10_000,
        weigh: Callable[[Value], int] | None = None,
        shared: Shared[Value] | None = None,
        key_text: Callable[[Key], str] = str,
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._group = group
        self._most = most
        self._weigh = weigh
        self._shared = SharedTier(name, shared, group) if shared else None
        self._key_text = key_text
        self._lock = threading.Lock()
        self._entries: dict[Key, _Entry[Value]] = {}
        self._weight = 0
        self._flights: dict[Key, _Flight[Key, Value]] = {}
        self._tally = metrics.Tally(name)
        self._loads = metrics.READS.labels(name, "source")
        group.join(self)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key, load: Callable[[], Value]) -> Value:
        """The remembered value, else what `load` returns; what `load` raises is raised and not remembered.

        Threads that ask for the same key at the same time wait for one load.
        """
        entry = self._entries.get(key)
        if entry is not None and entry.expires > time.monotonic():
            entry.used = True
            self._tally.hit()
            return entry.value
        return self._get_slowly(key, load)

    def peek(self, key: Key) -> Value | None:
        """The remembered value, None when there is none; loads nothing."""
        entry = self._entries.get(key)
        return entry.value if entry is not None and entry.expires > time.monotonic() else None

    def put_all(self, values: Mapping[Key, Value]) -> None:
        """Remember values in this process that became known by other means."""
        expires = time.monotonic() + self._seconds
        with self._lock:
            for key, value in values.items():
                self._enter(key, value, expires)
        metrics.WEIGHT.labels(self._name).set(self._weight)

    def forget(self) -> None:
        """Forget everything in this process; loads that are under way are not remembered either."""
        with self._lock:
            self._entries = {}
            self._weight = 0
        metrics.WEIGHT.labels(self._name).set(0)

    def _get_slowly(self, key: Key, load: Callable[[], Value]) -> Value:
        self._group.follow()
        self._tally.tell()
        with self._lock:
            flight = self._flights.get(key)
            # One that began before the last forgetting may bring what is outdated: it is overtaken.
            mine = flight is None or flight.entries is not self._entries
            if mine:
                flight = self._flights[key] = _Flight(self._entries)
        assert flight is not None
        if mine:
            return self._fly(key, flight, load)
        if flight.thread != threading.get_ident():
            metrics.WAITS.labels(self._name).inc()
            if flight.done.wait(_PATIENCE_SECONDS) and flight.has_value:
                return flight.value  # type: ignore[return-value]  # has_value says that it was set
        return self._load(key, load)

    def _fly(self, key: Key, flight: _Flight[Key, Value], load: Callable[[], Value]) -> Value:
        try:
            flight.value = value = self._load(key, load)
            flight.has_value = True
            self._store(flight.entries, key, value)
        finally:
            with self._lock:
                if self._flights.get(key) is flight:
                    del self._flights[key]
            flight.done.set()
        return value

    def _load(self, key: Key, load: Callable[[], Value]) -> Value:
        def counted() -> Value:
            self._loads.inc()
            return load()

        return self._shared.get(self._key_text(key), counted) if self._shared else counted()

    def _store(self, entries: dict[Key, _Entry[Value]], key: Key, value: Value) -> None:
        with self._lock:
            if entries is not self._entries:
                return
            self._enter(key, value, time.monotonic() + self._seconds)
        metrics.WEIGHT.labels(self._name).set(self._weight)

    def _enter(self, key: Key, value: Value, expires: float) -> None:
        """Put an entry in place of an older one; needs the lock."""
        weight = self._weigh(value) if self._weigh else 1
        known = self._entries.pop(key, None)
        self._weight += weight - (known.weight if known else 0)
        self._entries[key] = _Entry(value, expires, weight)
        self._make_room(self._entries)

    def _make_room(self, entries: dict[Key, _Entry[Value]]) -> None:
        """Put out the oldest that were not read since they last came up (the clock algorithm); needs the lock."""
        while self._weight > self._most and len(entries) > 1:
            key = next(iter(entries))
            entry = entries.pop(key)
            if entry.used and entry.expires > time.monotonic():
                entry.used = False
                entries[key] = entry
            else:
                self._weight -= entry.weight
                metrics.EVICTIONS.labels(self._name).inc()
