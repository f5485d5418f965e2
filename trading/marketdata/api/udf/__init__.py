"""The TradingView datafeed: charting clients read it under `/udf/` and `/udf/<token>/`."""

from .answers import ConfigView, TimeView
from .bars import HistoryView, MarksView, TimescaleMarksView
from .quotes import QuotesView
from .symbols import SearchView, SymbolsView

__all__ = [
    "ConfigView",
    "HistoryView",
    "MarksView",
    "QuotesView",
    "SearchView",
    "SymbolsView",
    "TimeView",
    "TimescaleMarksView",
]
