"""Limits, decisions, trading states, breakers and kill switches."""

from .breaker import BreakerRule, BreakerTransition, CircuitBreaker
from .decision import RiskDecision
from .kill_switch import KillSwitch
from .limits import RiskLimit
from .peak import RiskPeak
from .sector import UnderlyingSector
from .state import TradingState, TradingStateChange

__all__ = [
    "BreakerRule",
    "BreakerTransition",
    "CircuitBreaker",
    "KillSwitch",
    "RiskDecision",
    "RiskLimit",
    "RiskPeak",
    "TradingState",
    "TradingStateChange",
    "UnderlyingSector",
]
