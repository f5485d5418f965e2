"""Pages of market data."""

from .chart import ChartHomeView, ChartView
from .datafeed import DatafeedTokenRevokeView, DatafeedTokensView
from .overview import OverviewPageView

__all__ = ["ChartHomeView", "ChartView", "DatafeedTokenRevokeView", "DatafeedTokensView", "OverviewPageView"]
