"""Pages of market data."""

from .chart import ChartHomeView, ChartView
from .datafeed import DatafeedTokenRevokeView, DatafeedTokensView

__all__ = ["ChartHomeView", "ChartView", "DatafeedTokenRevokeView", "DatafeedTokensView"]
