"""The back-test engine: strategies on the paper exchange's own rules, over the past."""

from .data import CorporateAction, Listing, MarketData, Rules, SessionDay, SquareOff
from .memory import FlatRules, MemoryMarket, plain_listing, weekday_sessions
from .result import BacktestResult, Closing, Ending, EventRow, FillRow, LogLine, OrderRow
from .run import run
from .spec import BacktestSpec, Charging, Funds, Slippage, StrategySpec

__all__ = [
    "BacktestResult",
    "BacktestSpec",
    "Charging",
    "Closing",
    "CorporateAction",
    "Ending",
    "EventRow",
    "FillRow",
    "FlatRules",
    "Funds",
    "Listing",
    "LogLine",
    "MarketData",
    "MemoryMarket",
    "OrderRow",
    "Rules",
    "SessionDay",
    "Slippage",
    "SquareOff",
    "StrategySpec",
    "plain_listing",
    "run",
    "weekday_sessions",
]
