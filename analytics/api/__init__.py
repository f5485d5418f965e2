"""The analytics API, one module a noun."""

from .journal import JournalEntryView, JournalPicturesView, JournalPictureView, JournalView
from .performance import BreakdownView, EquityCurveView, PerformanceView, RiskMetricsView, SnapshotsView
from .tax import ConventionsView, ExportView, TaxView

__all__ = [
    "BreakdownView",
    "ConventionsView",
    "EquityCurveView",
    "ExportView",
    "JournalEntryView",
    "JournalPictureView",
    "JournalPicturesView",
    "JournalView",
    "PerformanceView",
    "RiskMetricsView",
    "SnapshotsView",
    "TaxView",
]
