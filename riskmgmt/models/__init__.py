"""Limits, decisions, trading states, breakers, kill switches, and the marks of every minute."""

from .breaker import BreakerRule, BreakerTransition, CircuitBreaker
from .decision import RiskDecision
from .kill_switch import KillSwitch
from .limits import RiskLimit
from .mark import AccountMark
from .peak import RiskPeak
from .sector import UnderlyingSector
from .state import TradingState, TradingStateChange
from .warning import LimitWarning

__all__ = [
    "AccountMark",
    "BreakerRule",
    "BreakerTransition",
    "CircuitBreaker",
    "KillSwitch",
    "LimitWarning",
    "RiskDecision",
    "RiskLimit",
    "RiskPeak",
    "TradingState",
    "TradingStateChange",
    "UnderlyingSector",
]
