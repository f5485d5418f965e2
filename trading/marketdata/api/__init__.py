"""Market data over REST, which every member may see, and what each member keeps of their charts."""

from .candles import CandlesView
from .charts import ChartDrawingsView, ChartDrawingView, ChartLayoutsView, ChartLayoutView
from .datafeed_tokens import DatafeedTokensView, DatafeedTokenView
from .depth import DepthView
from .feeds import FeedsView
from .health import BackfillsView, BackfillView, DailyBarsView, GapsView, ImportsView, StorageView
from .indicators import IndicatorsView, IndicatorView
from .overview import OverviewView
from .quotes import QuotesView

__all__ = [
    "BackfillView",
    "BackfillsView",
    "CandlesView",
    "ChartDrawingView",
    "ChartDrawingsView",
    "ChartLayoutView",
    "ChartLayoutsView",
    "DailyBarsView",
    "DatafeedTokenView",
    "DatafeedTokensView",
    "DepthView",
    "FeedsView",
    "GapsView",
    "ImportsView",
    "IndicatorView",
    "IndicatorsView",
    "OverviewView",
    "QuotesView",
    "StorageView",
]
