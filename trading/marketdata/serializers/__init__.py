"""The shapes of the market data API."""

from .candles import DEFAULT_CANDLES, CandlesQuery, CandlesSerializer
from .feeds import FeedShape, FeedsSerializer
from .indicators import (
    IndicatorQuery,
    IndicatorShape,
    IndicatorsSerializer,
    IndicatorValuesSerializer,
    indicator_answer,
    values_of,
)
from .quotes import DepthSerializer, DepthShape, QuoteShape, QuotesQuery, QuotesSerializer

__all__ = [
    "DEFAULT_CANDLES",
    "CandlesQuery",
    "CandlesSerializer",
    "DepthSerializer",
    "DepthShape",
    "FeedShape",
    "FeedsSerializer",
    "IndicatorQuery",
    "IndicatorShape",
    "IndicatorValuesSerializer",
    "IndicatorsSerializer",
    "QuoteShape",
    "QuotesQuery",
    "QuotesSerializer",
    "indicator_answer",
    "values_of",
]
