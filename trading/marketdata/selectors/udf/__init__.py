"""What the TradingView datafeed tells."""

from .history import UdfBars, bars_between, history
from .marks import action_marks, own_fills
from .symbols import exchanges, symbol_info, symbol_of, symbols_matching

__all__ = [
    "UdfBars",
    "action_marks",
    "bars_between",
    "exchanges",
    "history",
    "own_fills",
    "symbol_info",
    "symbol_of",
    "symbols_matching",
]
