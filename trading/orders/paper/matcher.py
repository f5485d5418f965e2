"""Lets resting paper orders trade as quotes arrive. The rows are the truth, the index here only a lookup.

A resting order is matched by whoever comes first: this listener within a flush of the feed, or the sweep
within a second. Both go through an instrument's orders in price-time priority, take the account's lock and look
at the row again, so a double ring does nothing, and an order remembers the snapshot it traded against.

No row is ever found in PENDING_ROUTE or ROUTING after a crash: acceptance, routing and the paper exchange's
answer are one transaction. A live adapter that commits ROUTING before it sends brings its own route sweep;
what that finds goes to reconciliation and is never sent again.
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping

from django.db import DatabaseError

from core import clock
from core.bus import get_bus
from core.errors import SaudaError
from core.tenancy import system_scope
from trading.instruments.domain.breakers import BREAKER_INDICES
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.orders.domain.progress import Overfilled
from trading.orders.domain.states import IllegalMove
from trading.orders.domain.tape import Tape
from trading.orders.selectors.resting import RestingOrder, resting_orders
from trading.orders.services import order_match
from trading.orders.services.order.posting import RESTING_CHANNEL
from trading.orders.services.paper.auction import auctions_run
from trading.orders.services.paper.halts import breaker_watch

from .tape_watch import TapeWatch, is_listener_alive, listener_alive

logger = logging.getLogger(__name__)

# A lost doorbell is made good by reading all rows again after this long.
REREAD_SECONDS = 5.0


class PaperMatcher:
    """A `MARKET_LISTENERS` entry: one per feed process, called on its own thread."""

    def __init__(self) -> None:
        self._by_key: dict[str, list[RestingOrder]] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._tapes = TapeWatch()
        get_bus().subscribe(RESTING_CHANNEL, self._ring)

    def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
        """Match every resting order that one of these quotes concerns, each in its own transaction."""
        with system_scope():
            breaker_watch(quotes)
            self._refresh()
            listener_alive()
            for key in sorted(quotes):
                resting = self._by_key.get(key, ())
                tape = self._tapes.look(quotes[key], resting)
                if match_concerned(resting, quotes[key], tape):
                    self._reread([key])

    def _ring(self, message: bytes) -> None:
        with self._lock:
            self._changed.add(message.decode())

    def _refresh(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
        if time.monotonic() - self._read_at > REREAD_SECONDS:
            self._by_key = _by_key(resting_orders())
            self._tapes.forget(self._by_key)
            self._read_at = time.monotonic()
        elif changed:
            self._reread(changed)

    def _reread(self, keys: Iterable[str]) -> None:
        wanted = set(keys)
        found = _by_key(resting_orders(wanted))
        kept = {key: orders for key, orders in self._by_key.items() if key not in wanted}
        self._by_key = {**kept, **found}
        self._tapes.forget(wanted)


def match_concerned(resting: Iterable[RestingOrder], quote: Quote | None, tape: Tape | None) -> list[int]:
    """Let a snapshot, or time alone, act on the orders that it concerns, in the order given; the units each traded.

    Needs a system scope. An order whose data are broken is logged with its id and left for an operator; the
    others go on.
    """
    traded = []
    now = clock.now()
    for order in resting:
        if not order.is_concerned(quote, tape, now=now):
            continue
        try:
            traded.append(order_match(order_id=order.order_id, account_id=order.account_id, quote=quote))
        except (SaudaError, IllegalMove, Overfilled, DatabaseError):
            logger.exception("resting order could not be matched", extra={"order": str(order.order_id)})
    return traded


_sweeps = TapeWatch(keep_seconds=3.0)


def sweep() -> int:
    """Match all resting orders against the latest quotes; returns the units traded. Needs a system scope.

    While a listener is at work the tape is its to count: it sees every snapshot, the sweep one in ten.
    """
    resting = _by_key(resting_orders())
    quotes = quotes_latest([*resting, *BREAKER_INDICES])
    breaker_watch(quotes)
    counts = not is_listener_alive()
    units = auctions_run()
    for key in sorted(resting):
        quote = quotes.get(key)
        tape = _sweeps.look(quote, resting[key], counts=counts) if quote else None
        units += sum(match_concerned(resting[key], quote, tape))
        _sweeps.forget([key])
    return units


def _by_key(resting: Iterable[RestingOrder]) -> dict[str, list[RestingOrder]]:
    found: dict[str, list[RestingOrder]] = {}
    for order in resting:
        found.setdefault(order.key, []).append(order)
    return found
