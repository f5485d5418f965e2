"""The shapes of the market data API."""

from .candles import DEFAULT_CANDLES, CandlesQuery, CandlesSerializer
from .charts import (
    ChartDrawingInput,
    ChartDrawingSerializer,
    ChartDrawingsQuery,
    ChartDrawingsSerializer,
    ChartLayoutInput,
    ChartLayoutSerializer,
)
from .datafeed_tokens import DatafeedTokenCreatedSerializer, DatafeedTokenInput, DatafeedTokenSerializer
from .depth import DepthQuery, DepthSerializer, DepthShape
from .feeds import FeedShape, FeedsSerializer
from .indicators import (
    IndicatorQuery,
    IndicatorShape,
    IndicatorsSerializer,
    IndicatorValuesSerializer,
    indicator_answer,
    values_of,
)
from .quotes import QuoteShape, QuotesQuery, QuotesSerializer

__all__ = [
    "DEFAULT_CANDLES",
    "CandlesQuery",
    "CandlesSerializer",
    "ChartDrawingInput",
    "ChartDrawingSerializer",
    "ChartDrawingsQuery",
    "ChartDrawingsSerializer",
    "ChartLayoutInput",
    "ChartLayoutSerializer",
    "DatafeedTokenCreatedSerializer",
    "DatafeedTokenInput",
    "DatafeedTokenSerializer",
    "DepthQuery",
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
