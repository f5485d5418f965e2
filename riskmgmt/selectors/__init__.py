"""Reading limits, their use, states, breakers, kill switches and the decisions taken under them."""

from .breakers import breaker_shapes, transitions_for
from .decisions import decision_shape, decisions_for
from .limits import order_limits, own_limits
from .standings import breaches_for, kill_switch_shape, kill_switches_for, state_shape, states_for
from .states import trading_state
from .usage import LimitUse, limits_and_use

__all__ = [
    "LimitUse",
    "breaches_for",
    "breaker_shapes",
    "decision_shape",
    "decisions_for",
    "kill_switch_shape",
    "kill_switches_for",
    "limits_and_use",
    "order_limits",
    "own_limits",
    "state_shape",
    "states_for",
    "trading_state",
    "transitions_for",
]
