"""Models of market data: candles, daily bars, imports, backfills, settlement prices."""

from .backfill import Backfill, BackfillDay
from .candle import Candle
from .daily import DailyBar
from .imports import FileImport, RejectedFileRow
from .settlement import SettlementPrice

__all__ = [
    "Backfill",
    "BackfillDay",
    "Candle",
    "DailyBar",
    "FileImport",
    "RejectedFileRow",
    "SettlementPrice",
]
