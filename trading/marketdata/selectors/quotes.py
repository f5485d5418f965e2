"""The latest quotes and feed reports, from the shared store."""

from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

from core.cache import Cache, CacheGroup
from core.clock import wall_now
from core.errors import Unavailable
from core.store import get_store

from ..domain.feed_status import FeedState, FeedStatus
from ..domain.quote import Quote
from ..domain.wire import FEED_STATUS_HASH, QUOTES_HASH, decode_feed_status, decode_quote

REMEMBERED = 8192
SHOWN = CacheGroup("quotes.shown")
_shown: Cache[str, bytes] = Cache("marketdata.quotes_shown", seconds=5.0, group=SHOWN, most=20_000)


def quote_latest(key: str) -> Quote | None:
    """The latest quote of an instrument, None when no feed has sent one. May raise `Unavailable`."""
    return quotes_latest([key]).get(key)


def quotes_latest(keys: Iterable[str]) -> dict[str, Quote]:
    """The latest quotes by key, in one round trip; keys without a quote are absent."""
    return {key: quote_read(data) for key, data in _stored(list(dict.fromkeys(keys))).items()}


def quotes_shown(keys: Iterable[str]) -> dict[str, bytes]:
    """The latest quotes for a screen, to be read with `quote_read`.

    While the store does not answer, those that were fetched here within 5 seconds.

    Never for an order: a price may be that much older than it says. Raises `Unavailable` when the store does not
    answer and one of the keys was not read lately.
    """
    wanted = list(dict.fromkeys(keys))
    try:
        found = _stored(wanted)
    except Unavailable:
        known = {key: data for key in wanted if (data := _shown.peek(key)) is not None}
        if len(known) < len(wanted):
            raise
        return known
    _shown.put_all(found)
    return found


@lru_cache(maxsize=REMEMBERED)
def quote_read(data: bytes) -> Quote:
    """A quote as the store keeps it. Most are asked for again before they change, and are read once."""
    return decode_quote(data)


def _stored(keys: list[str]) -> dict[str, bytes]:
    found = get_store().hmget(QUOTES_HASH, keys)
    return {key: data for key, data in zip(keys, found, strict=True) if data is not None}


def feed_statuses() -> dict[str, FeedStatus]:
    """Each feed's last report by source."""
    reports = get_store().hgetall(FEED_STATUS_HASH)
    return {source: decode_feed_status(data) for source, data in sorted(reports.items())}


def feed_status(source: str | None = None) -> FeedStatus | None:
    """The last report of one feed, or of the one that prices come from; None when none ever reported.

    That is the preferred of the healthy ones; where none is healthy, the one that reported most recently.
    """
    reports = feed_statuses()
    if source is not None:
        return reports.get(source)
    moment, silent_after = wall_now(), settings.FEED_MUTE_AFTER * 2
    healthy = [each for each in reports.values() if each.is_healthy(moment, silent_after)]
    if healthy:
        return min(healthy, key=lambda report: (report.priority, moment - report.reported_at))
    return max(reports.values(), key=lambda report: report.reported_at, default=None)


def feed_state(status: FeedStatus) -> FeedState:
    """The state of a feed as seen now: DOWN when its process no longer reports."""
    return status.state_at(wall_now(), settings.FEED_MUTE_AFTER * 2)
