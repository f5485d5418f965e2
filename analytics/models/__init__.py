"""Daily snapshots of accounts, the journal, brokers' statements, an organisation's conventions, dated tax rates."""

from .conventions import ReportingConventions
from .journal import JournalEntry, JournalPicture, JournalTag
from .snapshot import PerformanceSnapshot
from .statement import Statement, StatementFault, StatementHolding, StatementLine, StatementTrade
from .tax import CapitalGainsRate

__all__ = [
    "CapitalGainsRate",
    "JournalEntry",
    "JournalPicture",
    "JournalTag",
    "PerformanceSnapshot",
    "ReportingConventions",
    "Statement",
    "StatementFault",
    "StatementHolding",
    "StatementLine",
    "StatementTrade",
]
