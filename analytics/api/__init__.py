"""The analytics API, one module a noun."""

from .performance import BreakdownView, EquityCurveView, PerformanceView, RiskMetricsView, SnapshotsView
from .statements import (
    StatementDifferencesView,
    StatementFormatsView,
    StatementPreviewView,
    StatementRowsView,
    StatementsView,
    StatementView,
)

__all__ = [
    "BreakdownView",
    "EquityCurveView",
    "PerformanceView",
    "RiskMetricsView",
    "SnapshotsView",
    "StatementDifferencesView",
    "StatementFormatsView",
    "StatementPreviewView",
    "StatementRowsView",
    "StatementView",
    "StatementsView",
]
