"""Handing changed quotes to listeners, each on its own thread, so that none slows the feed or its neighbours."""

import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Protocol

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

from trading.marketdata.domain.quote import Quote

logger = logging.getLogger(__name__)


class MarketListener(Protocol):
    """Something that wants to know of changed prices: a matcher, an alert engine, a stop monitor."""

    def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
        """Called with the latest quote of each key that changed since the call before."""


class ListenerThread:
    """Calls one listener with the latest values; what changes twice while it works is told once."""

    def __init__(self, listener: MarketListener) -> None:
        self._listener = listener
        self._pending: dict[str, Quote] = {}
        self._changed = threading.Condition()
        self._stopping = False
        name = type(listener).__name__
        self._thread = threading.Thread(target=self._run, name=f"listener-{name}", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def offer(self, quotes: Iterable[Quote]) -> None:
        """Remember these as the latest; never blocks on the listener."""
        with self._changed:
            self._pending.update((quote.key, quote) for quote in quotes)
            self._changed.notify()

    def stop(self, timeout: float) -> None:
        """Deliver what is pending, then end; waits at most `timeout` seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while quotes := self._take():
                self._call(quotes)
        finally:
            connections.close_all()

    def _take(self) -> dict[str, Quote]:
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._stopping)
            taken, self._pending = self._pending, {}
            return taken

    def _call(self, quotes: dict[str, Quote]) -> None:
        close_old_connections()
        try:
            self._listener.on_quotes(quotes)
        except Exception:
            logger.exception("market listener failed", extra={"listener": type(self._listener).__name__})


def listeners_from_settings() -> list[ListenerThread]:
    """A thread for each dotted path of `settings.MARKET_LISTENERS`; raises ImportError for a wrong path."""
    return [ListenerThread(import_string(path)()) for path in settings.MARKET_LISTENERS]
