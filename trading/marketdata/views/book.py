"""What the book panel shows before the page has fetched anything itself."""

from typing import Any

from trading.marketdata.domain.depth import book_measures
from trading.marketdata.domain.quote import DepthLevel, Quote

DEPTH_LEVELS = 5

DepthRow = tuple[DepthLevel | None, DepthLevel | None]


def book_context(quote: Quote | None) -> dict[str, Any]:
    """The panel's rows, and the book in figures; an empty book where no feed has sent one."""
    bids, asks = (quote.bids, quote.asks) if quote else ((), ())
    return {
        "depth": depth_rows(quote),
        "deepest": max((level.quantity for level in (*bids, *asks)), default=0),
        "book": book_measures(bids, asks),
    }


def depth_rows(quote: Quote | None) -> list[DepthRow]:
    """Five rows of (bid, offer), best first; None where the book has no such level."""
    bids, asks = (quote.bids, quote.asks) if quote else ((), ())
    return [
        (bids[level] if level < len(bids) else None, asks[level] if level < len(asks) else None)
        for level in range(DEPTH_LEVELS)
    ]
