"""The shapes of the market data API."""

from .candles import DEFAULT_CANDLES, CandlesQuery, CandlesSerializer
from .feeds import FeedShape, FeedsSerializer
from .quotes import DepthSerializer, DepthShape, QuoteShape, QuotesQuery, QuotesSerializer

__all__ = [
    "DEFAULT_CANDLES",
    "CandlesQuery",
    "CandlesSerializer",
    "DepthSerializer",
    "DepthShape",
    "FeedShape",
    "FeedsSerializer",
    "QuoteShape",
    "QuotesQuery",
    "QuotesSerializer",
]
