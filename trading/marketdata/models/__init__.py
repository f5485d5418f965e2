"""Models of market data: candles, daily bars, imports, backfills, settlement prices, charts, datafeed tokens."""

from .backfill import Backfill, BackfillDay
from .candle import Candle
from .chart import ChartDrawing, ChartLayout
from .daily import DailyBar
from .datafeed_token import DatafeedToken
from .imports import FileImport, RejectedFileRow
from .settlement import SettlementPrice

__all__ = [
    "Backfill",
    "BackfillDay",
    "Candle",
    "ChartDrawing",
    "ChartLayout",
    "DailyBar",
    "DatafeedToken",
    "FileImport",
    "RejectedFileRow",
    "SettlementPrice",
]
