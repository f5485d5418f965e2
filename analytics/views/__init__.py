"""The pages of analytics, one module a noun."""

from .dashboard import DashboardView
from .journal import JournalDeleteView, JournalEntryPage, JournalPage, JournalPicturesView, JournalPictureView
from .performance import PerformancePage, TradesPage
from .tax import ConventionsPage, ExportView, TaxPage, TearSheetPage

__all__ = [
    "ConventionsPage",
    "DashboardView",
    "ExportView",
    "JournalDeleteView",
    "JournalEntryPage",
    "JournalPage",
    "JournalPictureView",
    "JournalPicturesView",
    "PerformancePage",
    "TaxPage",
    "TearSheetPage",
    "TradesPage",
]
