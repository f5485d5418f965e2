"""The pages of analytics, one module a noun."""

from .dashboard import DashboardView
from .performance import PerformancePage, TradesPage

__all__ = ["DashboardView", "PerformancePage", "TradesPage"]
