"""Pages of market data."""

from .chart import ChartHomeView, ChartView

__all__ = ["ChartHomeView", "ChartView"]
