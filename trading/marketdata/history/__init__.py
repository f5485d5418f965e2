"""Where missing candles come from: a port, and what speaks it."""

from .port import HistorySource
from .registry import history_source, history_source_names

__all__ = ["HistorySource", "history_source", "history_source_names"]
