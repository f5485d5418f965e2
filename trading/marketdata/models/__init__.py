"""Models of market data: candles and their imports, settlement prices."""

from .candle import Candle, CandleImport, RejectedCandleRow
from .settlement import SettlementPrice

__all__ = ["Candle", "CandleImport", "RejectedCandleRow", "SettlementPrice"]
