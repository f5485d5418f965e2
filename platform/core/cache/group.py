"""What becomes wrong together is forgotten together, in every process."""

import logging
import threading
from typing import Protocol
from weakref import WeakSet

from django.conf import settings
from django.db import transaction

from core.bus import get_bus
from core.cache import metrics
from core.errors import Unavailable
from core.store import get_store

logger = logging.getLogger(__name__)


class Forgetful(Protocol):
    """A cache, as its group sees it."""

    def forget(self) -> None:
        """Drop every value in this process."""


class CacheGroup:
    """Caches over the same rows; `name` is also the bus channel by which processes tell each other of a change.

    Redis holds the group's generation, a number that each change raises. A value in Redis carries the generation
    that was current before its load began, so what was loaded before a change is never taken for newer than it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._caches: WeakSet[Forgetful] = WeakSet()
        self._lock = threading.Lock()
        self._follows = False
        self._owes_generation = False

    def join(self, cache: Forgetful) -> None:
        """Have this cache forget with the group."""
        self._caches.add(cache)

    def forget(self) -> None:
        """Forget everything in this process."""
        for cache in list(self._caches):
            cache.forget()
        metrics.FORGOTTEN.labels(self.name).inc()

    def forget_on_commit(self) -> None:
        """Forget here at once, and in every process when the change is committed.

        A process that misses the bell forgets by its caches' time limits.
        """
        self.forget()
        transaction.on_commit(self._tell_everybody)

    def follow(self) -> None:
        """Listen for changes; called at the first reading: a server that forks would lose an earlier thread."""
        if self._follows:
            return
        with self._lock:
            if not self._follows:
                get_bus().subscribe(self.name, lambda _: self.forget())
                self._follows = True

    @property
    def generation_key(self) -> str:
        """Where Redis keeps the generation."""
        return f"cache:generation:{self.name}"

    def settle(self) -> None:
        """Raise the generation if a change could not, because Redis was away. May raise `Unavailable`."""
        if self._owes_generation:
            get_store().incr(self.generation_key)
            self._owes_generation = False

    def _tell_everybody(self) -> None:
        self.forget()
        if settings.REDIS_URL:
            self._owes_generation = True
            try:
                self.settle()
            except Unavailable:
                logger.warning("a change is not told to Redis yet", extra={"group": self.name})
        get_bus().publish(self.name, b"changed")
