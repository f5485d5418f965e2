"""Benchmarks of market data."""

from .candles import CandlesBench
from .indicators import IndicatorsBench

__all__ = ["CandlesBench", "IndicatorsBench"]
