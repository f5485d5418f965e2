"""Benchmarks of market data."""

from .candles import CandlesBench

__all__ = ["CandlesBench"]
