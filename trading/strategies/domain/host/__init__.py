"""What stands around a strategy in every world: the one implementation of `Setup` and `Context`."""

from .chart import Chart, History
from .hooks import StrategyFailed
from .host import StrategyHost
from .needs import ChartKey, Declaration, Needs
from .signals import Size

__all__ = ["Chart", "ChartKey", "Declaration", "History", "Needs", "Size", "StrategyFailed", "StrategyHost"]
