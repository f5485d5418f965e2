"""Measurements of back-tests. Named in `settings.BENCHES`."""

from .backtest import BacktestBench
from .results import ResultsBench

__all__ = ["BacktestBench", "ResultsBench"]
