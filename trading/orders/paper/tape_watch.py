"""Counts what trades where orders rest, between the snapshots that one process sees."""

import struct
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core import clock
from core.errors import Unavailable
from core.store import get_store
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.tape import Tape, Waiting
from trading.orders.selectors.resting import RestingOrder
from trading.orders.services.paper.liquidity import tape_advance, tape_read

from .venue import matching_terms

ALIVE_KEY = "orders.paper_matcher"
ALIVE_SECONDS = 3.0
_TELL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    volume: int
    at: float


class TapeWatch:
    """The volumes that a process saw last, and the tapes of the instruments on which orders rest.

    What was seen more than `keep_seconds` ago tells nothing of where the volume since has traded.
    """

    def __init__(self, keep_seconds: float = float("inf")) -> None:
        self._keep_seconds = keep_seconds
        self._seen: dict[str, _Seen] = {}
        self._tapes: dict[str, Tape] = {}

    def look(self, quote: Quote, resting: Sequence[RestingOrder], *, counts: bool = True) -> Tape | None:
        """The tape after this snapshot, None when no order rests that others could trade with.

        With `counts` the units that traded since the last look are counted where one of the orders may get them.
        """
        before = self._before(quote)
        self._seen[quote.key] = _Seen(quote.volume, time.monotonic())
        waiting = [each.waiting for each in resting if each.waiting is not None and not each.crosses(quote)]
        found = [order for order in waiting if order is not None]
        if not found:
            self._tapes.pop(quote.key, None)
            return None
        if counts and quote.volume > before and _reaches(quote, found):
            self._tapes[quote.key] = _advance(resting[0].key, quote, before, found)
        elif quote.key not in self._tapes:
            pk = resting[0].instrument_id
            self._tapes[quote.key] = tape_read([pk]).get(pk, Tape())
        return self._tapes[quote.key]

    def forget(self, keys: Iterable[str]) -> None:
        """Read these tapes again: an order has had some of them, or has come to them."""
        for key in keys:
            self._tapes.pop(key, None)

    def _before(self, quote: Quote) -> int:
        seen = self._seen.get(quote.key)
        if seen is None or seen.volume > quote.volume or time.monotonic() - seen.at > self._keep_seconds:
            return quote.volume
        return seen.volume


def listener_alive() -> None:
    """Tell the sweep that a listener counts; at most once a second."""
    now = time.monotonic()
    if now - _told.at > _TELL_SECONDS:
        # Without the store nobody sweeps either, because there are no quotes; matching here goes on.
        with suppress(Unavailable):
            get_store().set(ALIVE_KEY, struct.pack("d", clock.wall_now().timestamp()))
        _told.at = now


def is_listener_alive() -> bool:
    """Whether a listener has been at work in the last seconds."""
    told = get_store().get(ALIVE_KEY)
    return bool(told) and clock.wall_now().timestamp() - struct.unpack("d", told or b"")[0] < ALIVE_SECONDS


@dataclass
class _Told:
    at: float = float("-inf")


_told = _Told()


def _reaches(quote: Quote, waiting: Iterable[Waiting]) -> bool:
    return any(order.price == quote.ltp or order.is_passed(quote.ltp) for order in waiting)


def _advance(key: str, quote: Quote, before: int, waiting: Sequence[Waiting]) -> Tape:
    instrument: Instrument = instrument_get(key)
    return tape_advance(
        instrument.pk,
        quote,
        volume_before=before,
        waiting=waiting,
        terms=matching_terms(instrument, clock.trading_date(quote.timestamp)),
        lot_size=instrument.lot_size,
    )
