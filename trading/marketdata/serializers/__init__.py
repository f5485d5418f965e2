"""The shapes of the market data API."""

from .candles import DEFAULT_CANDLES, CandlesQuery, CandlesSerializer
from .depth import DepthQuery, DepthSerializer, DepthShape
from .feeds import FeedShape, FeedsSerializer
from .quotes import QuoteShape, QuotesQuery, QuotesSerializer

__all__ = [
    "DEFAULT_CANDLES",
    "CandlesQuery",
    "CandlesSerializer",
    "DepthQuery",
    "DepthSerializer",
    "DepthShape",
    "FeedShape",
    "FeedsSerializer",
    "QuoteShape",
    "QuotesQuery",
    "QuotesSerializer",
]
