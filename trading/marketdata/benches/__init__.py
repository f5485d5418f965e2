"""Benchmarks of market data."""

from .candles import CandlesBench
from .udf import UdfBench

__all__ = ["CandlesBench", "UdfBench"]
