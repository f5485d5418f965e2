"""The risk API, one module a noun."""

from .breakers import BreakerResetView, BreakersView
from .decisions import BreachesView, DecisionsView, ValidateOrderView
from .kill_switch import KillSwitchView
from .limits import LimitsView
from .sizing import PositionSizeView
from .states import StatesView

__all__ = [
    "BreachesView",
    "BreakerResetView",
    "BreakersView",
    "DecisionsView",
    "KillSwitchView",
    "LimitsView",
    "PositionSizeView",
    "StatesView",
    "ValidateOrderView",
]
