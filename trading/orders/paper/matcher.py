"""Lets resting paper orders trade as quotes arrive. The rows are the truth, the index here only a lookup.

A resting order is matched by whoever comes first: this listener within a flush of the feed, or the sweep
within a second. Both take the account's lock and look at the row again, so a double ring does nothing, and
an order remembers the snapshot it traded against.

No row is ever found in PENDING_ROUTE or ROUTING after a crash: acceptance, routing and the paper exchange's
answer are one transaction. A live adapter that commits ROUTING before it sends brings its own route sweep;
what that finds goes to reconciliation and is never sent again.
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping

from django.db import DatabaseError

from core.bus import get_bus
from core.errors import SaudaError
from core.tenancy import system_scope
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.orders.domain.progress import Overfilled
from trading.orders.domain.states import IllegalMove
from trading.orders.selectors import RestingOrder, resting_orders
from trading.orders.services import order_match
from trading.orders.services.posting import RESTING_CHANNEL

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
        get_bus().subscribe(RESTING_CHANNEL, self._ring)

    def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
        """Match every resting order that one of these quotes crosses, each in its own transaction."""
        with system_scope():
            self._refresh()
            for key in quotes.keys() & self._by_key.keys():
                traded = match_crossing(self._by_key[key], quotes)
                if traded:
                    self._reread([key])

    def _ring(self, message: bytes) -> None:
        with self._lock:
            self._changed.add(message.decode())

    def _refresh(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
        if time.monotonic() - self._read_at > REREAD_SECONDS:
            self._by_key = _by_key(resting_orders())
            self._read_at = time.monotonic()
        elif changed:
            self._reread(changed)

    def _reread(self, keys: Iterable[str]) -> None:
        wanted = set(keys)
        found = _by_key(resting_orders(wanted))
        kept = {key: orders for key, orders in self._by_key.items() if key not in wanted}
        self._by_key = {**kept, **found}


def match_crossing(resting: Iterable[RestingOrder], quotes: Mapping[str, Quote]) -> int:
    """Match those that their instrument's quote crosses; returns the units traded. Needs a system scope.

    An order whose data are broken is logged with its id and left for an operator; the others go on.
    """
    traded = 0
    for order in resting:
        quote = quotes.get(order.key)
        if quote is None or not order.crosses(quote):
            continue
        try:
            traded += order_match(order_id=order.order_id, account_id=order.account_id, quote=quote)
        except (SaudaError, IllegalMove, Overfilled, DatabaseError):
            logger.exception("resting order could not be matched", extra={"order": str(order.order_id)})
    return traded


def sweep() -> int:
    """Match all resting orders against the latest quotes; returns the units traded. Needs a system scope."""
    resting = resting_orders()
    return match_crossing(resting, quotes_latest({order.key for order in resting}))


def _by_key(resting: Iterable[RestingOrder]) -> dict[str, list[RestingOrder]]:
    found: dict[str, list[RestingOrder]] = {}
    for order in resting:
        found.setdefault(order.key, []).append(order)
    return found
