"""Limits that each process remembers for a moment: they are read on every order and change rarely.

Trading states and kill switches are never remembered; they are read from rows on every order.
"""

from collections.abc import Callable
from typing import Any

from core.cache import Cache, CacheGroup

# A process that misses the bell trades on old limits for so long.
SECONDS = 5.0

LIMITS = CacheGroup("risk.limits")

_cache: Cache[Any, Any] = Cache("risk.limits", seconds=SECONDS, group=LIMITS)


def remembered(key: object, load: Callable[[], Any]) -> Any:
    """What is remembered under the key, else what `load` returns."""
    return _cache.get(key, load)


def forget_limits_on_commit() -> None:
    """Forget all here at once, and in every process when the change is committed."""
    LIMITS.forget_on_commit()
