"""Models of market data: candles and their imports, settlement prices, charts, tokens of the datafeed."""

from .candle import Candle, CandleImport, RejectedCandleRow
from .chart import ChartDrawing, ChartLayout
from .datafeed_token import DatafeedToken
from .settlement import SettlementPrice

__all__ = [
    "Candle",
    "CandleImport",
    "ChartDrawing",
    "ChartLayout",
    "DatafeedToken",
    "RejectedCandleRow",
    "SettlementPrice",
]
