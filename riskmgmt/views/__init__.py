"""The pages of the risk desk."""

from .acts import BreakerResetView, StateSetView
from .breakers import BreakerRuleView
from .desk import RiskView
from .exposure import ExposureView
from .history import BreachesView, DecisionsView
from .kill_switch import KillSwitchReleaseView, KillSwitchView
from .limits import LimitsEditView
from .sizing import SizingView

__all__ = [
    "BreachesView",
    "BreakerResetView",
    "BreakerRuleView",
    "DecisionsView",
    "ExposureView",
    "KillSwitchReleaseView",
    "KillSwitchView",
    "LimitsEditView",
    "RiskView",
    "SizingView",
    "StateSetView",
]
