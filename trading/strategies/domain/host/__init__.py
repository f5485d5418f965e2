"""What stands around a strategy in every world: the one implementation of `Setup` and `Context`."""

from .chart import Chart, History
from .host import StrategyFailed, StrategyHost
from .needs import ChartKey, Declaration, Needs

__all__ = ["Chart", "ChartKey", "Declaration", "History", "Needs", "StrategyFailed", "StrategyHost"]
