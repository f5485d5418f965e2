"""Limits that each process remembers for a moment: they are read on every order and change rarely.

Trading states and kill switches are never remembered; they are read from rows on every order.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import transaction

from core.bus import get_bus
from trading.instruments.process_cache import TimedCache

CHANNEL = "risk.limits"
# A process that misses the bell trades on old limits for so long.
SECONDS = 5.0

_cache: TimedCache[object, Any] = TimedCache(SECONDS)


def remembered(key: object, load: Callable[[], Any]) -> Any:
    """What is remembered under the key, else what `load` returns."""
    _follow_changes()
    return _cache.get(key, load)


def forget_limits_on_commit() -> None:
    """Forget all here at once, and in every process when the change is committed."""
    _cache.clear()
    transaction.on_commit(_tell_everybody)


def _tell_everybody() -> None:
    _cache.clear()
    get_bus().publish(CHANNEL, b"changed")


@cache
def _follow_changes() -> None:
    """Once a process, at its first reading: a server that forks would lose a thread started any earlier."""
    get_bus().subscribe(CHANNEL, lambda _: _cache.clear())
