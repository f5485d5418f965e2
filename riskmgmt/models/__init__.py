"""Limits, decisions, trading states and what changes them."""

from .decision import RiskDecision
from .limits import RiskLimit
from .state import TradingState, TradingStateChange

__all__ = ["RiskDecision", "RiskLimit", "TradingState", "TradingStateChange"]
