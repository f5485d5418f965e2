"""What the latest quotes say of a contract."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypedDict

from django.conf import settings

from ...domain.quote import Quote
from .previous import PreviousSession

# After the close nothing arrives any more; what was told so shortly before it is the closing state.
_CLOSING_SPAN = timedelta(minutes=5)


class Freshness:
    """Which quotes may be used: those the feed confirmed just now, after the close those of its last minutes."""

    def __init__(self, *, closed_at: datetime | None, wall: datetime) -> None:
        after: timedelta = settings.QUOTE_STALE_AFTER
        self._since = wall - after
        self._closing = None if closed_at is None else closed_at - _CLOSING_SPAN

    def __call__(self, quote: Quote) -> bool:
        if self._closing is not None:
            return quote.timestamp >= self._closing
        return quote.received_at >= self._since


class Quoted(TypedDict, total=False):
    """The fields of `ContractQuote` that a quote fills."""

    ltp: Decimal | None
    close: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    bid_quantity: int
    ask_quantity: int
    volume: int
    oi: int
    previous_oi: int | None
    timestamp: datetime | None
    stale: bool


def quoted(quote: Quote | None, previous: PreviousSession | None, is_fresh: Freshness) -> Quoted:
    """What a contract's `ContractQuote` is filled with; one that no feed has told of is stale."""
    previous_oi = previous.oi if previous else None
    if quote is None:
        return Quoted(previous_oi=previous_oi, stale=True)
    return Quoted(
        ltp=quote.ltp,
        close=quote.close,
        bid=quote.bid,
        ask=quote.ask,
        bid_quantity=quote.bid_quantity,
        ask_quantity=quote.ask_quantity,
        volume=quote.volume,
        oi=quote.oi,
        previous_oi=previous_oi,
        timestamp=quote.timestamp,
        stale=not is_fresh(quote),
    )
