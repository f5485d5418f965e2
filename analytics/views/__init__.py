"""The pages of analytics, one module a noun."""

from .dashboard import DashboardView
from .journal import JournalDeleteView, JournalEntryPage, JournalPage, JournalPicturesView, JournalPictureView
from .performance import PerformancePage, TradesPage
from .tax import ConventionsPage, ExportView, TaxPage
from .tear_sheet import TearSheetFileView, TearSheetPage

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
    "TearSheetFileView",
    "TearSheetPage",
    "TradesPage",
]
