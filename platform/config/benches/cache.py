"""`manage.py bench cache`: each tier of a cache, beside a bare dict and a bare read of Redis."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from itertools import count
from statistics import median

from django.core.management.base import OutputWrapper

from core.cache import Cache, CacheGroup, Shared
from core.ids import new_id
from core.store import get_store

_VALUE = bytes(200)
_SECONDS = 60


class CacheBench:
    """Microseconds a reading."""

    help = "A hit in memory, a hit in Redis and a miss, beside a dict and a bare get of the same 200 bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reads", type=int, default=2_000, help="of each kind in a round")
        parser.add_argument("--rounds", type=int, default=5)

    def run(self, out: OutputWrapper, *, reads: int, rounds: int, **options: object) -> None:
        """Interleaved rounds; medians. Without REDIS_URL the store is this process's memory, and says so."""
        ways = _ways(f"bench.{new_id()}")
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                took[name].append(_microseconds(way, reads))
        out.write(f"store: {type(get_store()).__name__}; {reads} reads, {rounds} rounds, median µs a read")
        for name, each in took.items():
            out.write(f"{name:<34}{median(each):10.2f}   worst {max(each):.2f}")


def _ways(name: str) -> dict[str, Callable[[], object]]:
    group = CacheGroup(name)
    shared = Shared(_same, _same, seconds=_SECONDS)
    local: Cache[str, bytes] = Cache(f"{name}.memory", seconds=_SECONDS, group=group)
    both: Cache[str, bytes] = Cache(f"{name}.both", seconds=_SECONDS, group=group, shared=shared)
    bare = {"key": _VALUE}
    store = get_store()
    store.set(f"{name}:bare", _VALUE, _SECONDS)
    fresh = count()

    def from_redis() -> bytes:
        both.forget()
        return both.get("key", _load)

    return {
        "bare dict": lambda: bare["key"],
        "hit in memory": lambda: local.get("key", _load),
        "bare get from the store": lambda: store.get(f"{name}:bare"),
        "hit in Redis (memory forgotten)": from_redis,
        "miss without Redis": lambda: local.get(str(next(fresh)), _load),
        "miss of both, kept in Redis": lambda: both.get(str(next(fresh)), _load),
    }


def _same(value: bytes) -> bytes:
    return value


def _load() -> bytes:
    return _VALUE


def _microseconds(way: Callable[[], object], reads: int) -> float:
    way()
    started = time.perf_counter()
    for _ in range(reads):
        way()
    return (time.perf_counter() - started) / reads * 1e6
