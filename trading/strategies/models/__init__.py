"""What an organisation keeps of its strategies."""

from .code import StrategyCode, StrategyVersion

__all__ = ["StrategyCode", "StrategyVersion"]
