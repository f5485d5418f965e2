"""Benchmarks of market data."""

from .candles import CandlesBench
from .chain import ChainBench
from .indicators import IndicatorsBench
from .udf import UdfBench

__all__ = ["CandlesBench", "ChainBench", "IndicatorsBench", "UdfBench"]
