"""Measurements of back-tests. Named in `settings.BENCHES`."""

from .backtest import BacktestBench

__all__ = ["BacktestBench"]
