"""The second tier: values in Redis, read by every process, loaded by one of them. Without Redis it steps aside."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from django.conf import settings
from django.db import connection

from core.cache import metrics
from core.cache.group import CacheGroup
from core.errors import Unavailable
from core.store import get_store

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

# For so long a Redis that did not answer is not asked again: each question may cost a whole time-out.
HOLD_OFF_SECONDS = 2.0
# How long a process waits for another one's load before it loads by itself, and how often it looks.
WAIT_SECONDS = 2.0
_LOOK_SECONDS = 0.02
# A process that dies in mid-load holds the others up for no longer than this.
_LEASE_SECONDS = 5.0
_GENERATION_BYTES = 8

_asked_again_at = 0.0


@dataclass(frozen=True, slots=True)
class Shared(Generic[Value]):
    """How a cache's values lie in Redis.

    `seconds` bounds how old a value may get. `one_loader` makes processes wait for one another's load: for loads
    that cost much more than the two round trips of a lock. What `decode` cannot read (ValueError or msgspec's
    errors) counts as absent.
    """

    encode: Callable[[Value], bytes]
    decode: Callable[[bytes], Value]
    seconds: float
    one_loader: bool = False


class SharedTier(Generic[Value]):
    """One cache's values in Redis."""

    def __init__(self, name: str, terms: Shared[Value], group: CacheGroup) -> None:
        self._prefix = f"cache:{name}:"
        self._terms = terms
        self._group = group
        self._reads = metrics.READS.labels(name, "shared")
        self._waits = metrics.WAITS.labels(name)

    def get(self, key: str, load: Callable[[], Value]) -> Value:
        """The value in Redis, else what `load` returns, which is kept there. What `load` raises is not kept."""
        if not _is_there():
            return load()
        name = self._prefix + key
        try:
            self._group.settle()
            generation, found = self._read(name)
            if found is None and self._terms.one_loader:
                generation, found = self._take_turn(name)
        except Unavailable:
            _hold_off()
            return load()
        if found is not None:
            self._reads.inc()
            return found
        return self._load(name, generation, load)

    def _load(self, name: str, generation: int, load: Callable[[], Value]) -> Value:
        try:
            value = load()
            payload = generation.to_bytes(_GENERATION_BYTES, "big") + self._terms.encode(value)
        except BaseException:
            self._keep(name, None)
            raise
        self._keep(name, payload)
        return value

    def _keep(self, name: str, payload: bytes | None) -> None:
        try:
            if payload is not None:
                get_store().set(name, payload, self._terms.seconds)
            if self._terms.one_loader:
                get_store().delete(f"{name}:loading")
        except Unavailable:
            _hold_off()

    def _read(self, name: str) -> tuple[int, Value | None]:
        """The group's generation now, and the value if it is of that generation."""
        counter, payload = get_store().mget([self._group.generation_key, name])
        generation = int(counter or 0)
        if payload is None or int.from_bytes(payload[:_GENERATION_BYTES], "big") != generation:
            return generation, None
        try:
            return generation, self._terms.decode(payload[_GENERATION_BYTES:])
        except (ValueError, msgspec.MsgspecError):
            logger.warning("a cached value could not be read", extra={"cache_key": name})
            return generation, None

    def _take_turn(self, name: str) -> tuple[int, Value | None]:
        """Become the one that loads, or wait, as long as is sensible, for the value that another one brings."""
        deadline = time.monotonic() + WAIT_SECONDS
        is_mine = self._claim(name)
        if not is_mine:
            self._waits.inc()
        while True:
            # Read after claiming: whoever held the claim before may just have left the value.
            generation, found = self._read(name)
            if found is not None and is_mine:
                get_store().delete(f"{name}:loading")
            if found is not None or is_mine or time.monotonic() > deadline:
                return generation, found
            time.sleep(_LOOK_SECONDS)
            is_mine = self._claim(name)

    def _claim(self, name: str) -> bool:
        """Become the one that loads, unless another process is."""
        return get_store().add(f"{name}:loading", b"1", _LEASE_SECONDS)


def _is_there() -> bool:
    # A transaction must see its own changes, and nobody else may see them before they are committed.
    return bool(settings.REDIS_URL) and time.monotonic() >= _asked_again_at and not connection.in_atomic_block


def _hold_off() -> None:
    global _asked_again_at
    _asked_again_at = time.monotonic() + HOLD_OFF_SECONDS
    metrics.SHARED_FAILURES.inc()
