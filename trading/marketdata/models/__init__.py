"""Models of market data: candles, daily bars, imports, backfills, option chains, settlement prices."""

from .backfill import Backfill, BackfillDay
from .candle import Candle
from .daily import DailyBar
from .imports import FileImport, RejectedFileRow
from .option import InterestRate, OptionMinute
from .settlement import SettlementPrice

__all__ = [
    "Backfill",
    "BackfillDay",
    "Candle",
    "DailyBar",
    "FileImport",
    "InterestRate",
    "OptionMinute",
    "RejectedFileRow",
    "SettlementPrice",
]
