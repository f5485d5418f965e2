"""Market data over REST, which every member may see, and what each member keeps of their charts."""

from .candles import CandlesView
from .charts import ChartDrawingsView, ChartDrawingView, ChartLayoutsView, ChartLayoutView
from .datafeed_tokens import DatafeedTokensView, DatafeedTokenView
from .depth import DepthView
from .feeds import FeedsView
from .indicators import IndicatorsView, IndicatorView
from .quotes import QuotesView

__all__ = [
    "CandlesView",
    "ChartDrawingView",
    "ChartDrawingsView",
    "ChartLayoutView",
    "ChartLayoutsView",
    "DatafeedTokenView",
    "DatafeedTokensView",
    "DepthView",
    "FeedsView",
    "IndicatorView",
    "IndicatorsView",
    "QuotesView",
]
