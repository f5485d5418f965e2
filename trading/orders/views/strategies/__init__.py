"""The strategy builder's page and its parts."""

from .analysis import AnalysisView, OrderView
from .builder import ChainView, LegsView, StrategyBuilderView
from .kept import StrategyForgetView, StrategyKeepView

__all__ = [
    "AnalysisView",
    "ChainView",
    "LegsView",
    "OrderView",
    "StrategyBuilderView",
    "StrategyForgetView",
    "StrategyKeepView",
]
