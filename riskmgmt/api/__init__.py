"""The risk API, one module a noun."""

from .breakers import BreakerResetView, BreakersView
from .decisions import BreachesView, DecisionsView, ValidateOrderView
from .kill_switch import KillSwitchView
from .limits import LimitsView
from .measures import ExposureView, GreeksView, MarksView, StressView, ValueAtRiskView
from .sizing import PositionSizeView
from .states import StatesView

__all__ = [
    "BreachesView",
    "BreakerResetView",
    "BreakersView",
    "DecisionsView",
    "ExposureView",
    "GreeksView",
    "KillSwitchView",
    "LimitsView",
    "MarksView",
    "PositionSizeView",
    "StatesView",
    "StressView",
    "ValidateOrderView",
    "ValueAtRiskView",
]
