"""Market data over REST, which every member may see, and what each member keeps of their charts."""

from .candles import CandlesView
from .charts import ChartDrawingsView, ChartDrawingView, ChartLayoutsView, ChartLayoutView
from .datafeed_tokens import DatafeedTokensView, DatafeedTokenView
from .depth import DepthView
from .feeds import FeedsView
from .health import BackfillsView, BackfillView, DailyBarsView, GapsView, ImportsView, StorageView
from .indicators import IndicatorsView, IndicatorView
from .options import (
    ChainAnalyticsView,
    ChainSeriesView,
    ChainView,
    ExpiriesView,
    FuturesView,
    StrikeBarsView,
)
from .overview import OverviewView
from .quotes import QuotesView

__all__ = [
    "BackfillView",
    "BackfillsView",
    "CandlesView",
    "ChainAnalyticsView",
    "ChainSeriesView",
    "ChainView",
    "ChartDrawingView",
    "ChartDrawingsView",
    "ChartLayoutView",
    "ChartLayoutsView",
    "DailyBarsView",
    "DatafeedTokenView",
    "DatafeedTokensView",
    "DepthView",
    "ExpiriesView",
    "FeedsView",
    "FuturesView",
    "GapsView",
    "ImportsView",
    "IndicatorView",
    "IndicatorsView",
    "OverviewView",
    "QuotesView",
    "StorageView",
    "StrikeBarsView",
]
