"""Reads of brokers' statements, and of how they agree with our own book."""

from .comparison import ChargeGap, Comparison, HoldingGap, LedgerGap, comparison_of
from .statements import statement_get, statement_rows, statements_for

__all__ = [
    "ChargeGap",
    "Comparison",
    "HoldingGap",
    "LedgerGap",
    "comparison_of",
    "statement_get",
    "statement_rows",
    "statements_for",
]
