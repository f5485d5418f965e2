"""Daily snapshots of accounts, the trade journal, the conventions of an organisation, and dated tax rates."""

from .conventions import ReportingConventions
from .journal import JournalEntry, JournalPicture, JournalTag
from .snapshot import PerformanceSnapshot
from .tax import CapitalGainsRate

__all__ = [
    "CapitalGainsRate",
    "JournalEntry",
    "JournalPicture",
    "JournalTag",
    "PerformanceSnapshot",
    "ReportingConventions",
]
