"""Pages of market data."""

from .chart import ChartHomeView, ChartView
from .datafeed import DatafeedTokenRevokeView, DatafeedTokensView
from .health import HealthBackfillsView, HealthCancelView, HealthFillView, HealthGapsView, HealthView
from .overview import OverviewPageView

__all__ = [
    "ChartHomeView",
    "ChartView",
    "DatafeedTokenRevokeView",
    "DatafeedTokensView",
    "HealthBackfillsView",
    "HealthCancelView",
    "HealthFillView",
    "HealthGapsView",
    "HealthView",
    "OverviewPageView",
]
