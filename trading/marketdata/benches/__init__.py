"""Benchmarks of market data."""

from .candles import CandlesBench
from .indicators import IndicatorsBench
from .udf import UdfBench

__all__ = ["CandlesBench", "IndicatorsBench", "UdfBench"]
