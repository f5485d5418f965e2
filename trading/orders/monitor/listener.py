"""The monitor on the tick path: fires triggers within a flush of the feed, on a thread of its own.

What it holds in memory is only a lookup. A leg is fired by whoever comes first, this listener or the sweep within a
second; both go through `trigger_fire`, which takes the account's lock and looks at the row again.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from uuid import UUID

from core.bus import get_bus
from core.tenancy import system_scope
from trading.marketdata.domain.quote import Quote
from trading.orders.selectors.triggers import watched_legs
from trading.orders.services.triggers import peaks_keep
from trading.orders.services.triggers.change import TRIGGERS_CHANNEL
from trading.orders.services.triggers.peaks import Peak

from .book import InstrumentBook, books_of
from .firing import fire, guarded

# A lost doorbell is made good by reading all rows again after this long; the sweep fires in the meantime.
REREAD_SECONDS = 15.0
# What a restart may lose of a trailing stop's peak.
KEEP_SECONDS = 1.0


class TriggerMonitor:
    """A `MARKET_LISTENERS` entry: one per feed process, called on its own thread."""

    def __init__(self) -> None:
        self._books: dict[str, InstrumentBook] = {}
        self._read_at = float("-inf")
        self._kept_at = float("-inf")
        self._unkept: dict[UUID, Peak] = {}
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        get_bus().subscribe(TRIGGERS_CHANNEL, self._ring)

    def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
        """Fire every leg that one of these quotes crosses, each in its own transaction."""
        with system_scope():
            self._refresh()
            self.look(quotes)
            self._keep_peaks()

    def look(self, quotes: Mapping[str, Quote]) -> None:
        """Hold quotes against the books as they are. A leg that could not be fired is read again at the next
        flush.
        """
        for key in quotes.keys() & self._books.keys():
            book = self._books[key]
            crossings = book.look(quotes[key].ltp)
            if book.moved:
                self._unkept |= book.moved
                book.moved = {}
            fired = [fire(crossing, quotes[key]) for crossing in crossings]
            if not all(fired):
                self._ring(key.encode())

    def _ring(self, message: bytes) -> None:
        with self._lock:
            self._changed.add(message.decode())

    def _refresh(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
        if time.monotonic() - self._read_at > REREAD_SECONDS:
            self._books = self._read(None)
            self._read_at = time.monotonic()
        elif changed:
            kept = {key: book for key, book in self._books.items() if key not in changed}
            self._books = {**kept, **self._read(changed)}

    def _read(self, keys: Iterable[str] | None) -> dict[str, InstrumentBook]:
        seen = {
            key: self._books[key].peaks() for key in (self._books if keys is None else keys) if key in self._books
        }
        return books_of(watched_legs(keys), seen)

    def _keep_peaks(self) -> None:
        if not self._unkept or time.monotonic() - self._kept_at < KEEP_SECONDS:
            return
        peaks = self._unkept
        if guarded(lambda: peaks_keep(peaks), "peaks could not be kept", next(iter(peaks))):
            self._unkept = {}
        self._kept_at = time.monotonic()
