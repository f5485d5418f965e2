"""Reading limits, their use, and the decisions taken under them."""

from .decisions import decision_shape, decisions_for
from .limits import account_limits, own_limits
from .states import trading_state
from .usage import LimitUse, limits_and_use

__all__ = [
    "LimitUse",
    "account_limits",
    "decision_shape",
    "decisions_for",
    "limits_and_use",
    "own_limits",
    "trading_state",
]
