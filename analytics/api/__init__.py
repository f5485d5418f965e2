"""The analytics API, one module a noun."""

from .journal import JournalEntryView, JournalPicturesView, JournalPictureView, JournalView
from .performance import (
    BreakdownView,
    ClosedTradesView,
    EquityCurveView,
    PerformanceView,
    RiskMetricsView,
    SnapshotsView,
)
from .statements import (
    StatementDifferencesView,
    StatementFormatsView,
    StatementPreviewView,
    StatementRowsView,
    StatementsView,
    StatementView,
)
from .tax import ConventionsView, ExportView, TaxView
from .tear_sheet import TearSheetView

__all__ = [
    "BreakdownView",
    "ClosedTradesView",
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
    "StatementDifferencesView",
    "StatementFormatsView",
    "StatementPreviewView",
    "StatementRowsView",
    "StatementView",
    "StatementsView",
    "TaxView",
    "TearSheetView",
]
