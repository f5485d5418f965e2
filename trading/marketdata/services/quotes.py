"""Publishing the latest quotes and feed reports."""

import time
from collections.abc import Iterable

from core.bus import get_bus
from core.store import get_store

from ..domain.feed_status import FeedStatus
from ..domain.quote import Quote
from ..domain.wire import (
    FEED_STATUS_HASH,
    QUOTES_CHANNEL,
    QUOTES_HASH,
    encode_feed_status,
    encode_quote,
    join_quotes,
)


def quote_publish(quotes: Iterable[Quote]) -> None:
    """Make these the latest quotes: the store's hash first, then one bus message with all of them.

    The one door for feeds and tests. Raises `Unavailable` when the store does not answer.
    """
    encoded = {quote.key: encode_quote(quote) for quote in quotes}
    if not encoded:
        return
    get_store().hset(QUOTES_HASH, encoded)
    get_bus().publish(QUOTES_CHANNEL, join_quotes(encoded.values(), time.time()))


def feed_status_publish(status: FeedStatus) -> None:
    """Make this the latest report of its source. Raises `Unavailable` when the store does not answer."""
    get_store().hset(FEED_STATUS_HASH, {status.source: encode_feed_status(status)})
