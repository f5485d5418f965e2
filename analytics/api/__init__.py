"""The analytics API, one module a noun."""

from .performance import BreakdownView, EquityCurveView, PerformanceView, RiskMetricsView, SnapshotsView

__all__ = ["BreakdownView", "EquityCurveView", "PerformanceView", "RiskMetricsView", "SnapshotsView"]
