"""Models of market data: bars, imports, option chains, settlement prices, charts, datafeed tokens."""

from .backfill import Backfill, BackfillDay
from .candle import Candle
from .chart import ChainColumns, ChartDrawing, ChartLayout
from .daily import DailyBar
from .datafeed_token import DatafeedToken
from .imports import FileImport, RejectedFileRow
from .option import InterestRate, OptionMinute
from .settlement import SettlementPrice

__all__ = [
    "Backfill",
    "BackfillDay",
    "Candle",
    "ChainColumns",
    "ChartDrawing",
    "ChartLayout",
    "DailyBar",
    "DatafeedToken",
    "FileImport",
    "InterestRate",
    "OptionMinute",
    "RejectedFileRow",
    "SettlementPrice",
]
