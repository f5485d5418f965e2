"""Changing limits, trading states, breakers and kill switches."""

from .breakers import breaker_reset, breaker_rule_set, breaker_step, breaker_trip
from .kill_switch import kill_switch_enforce, kill_switch_press
from .limits import limits_set
from .marks import marks_prune, marks_write
from .release import kill_switch_release_ask, kill_switch_release_confirm
from .scopes import scope_for
from .states import trading_state_set
from .watch import accounts_watch

__all__ = [
    "accounts_watch",
    "breaker_reset",
    "breaker_rule_set",
    "breaker_step",
    "breaker_trip",
    "kill_switch_enforce",
    "kill_switch_press",
    "kill_switch_release_ask",
    "kill_switch_release_confirm",
    "limits_set",
    "marks_prune",
    "marks_write",
    "scope_for",
    "trading_state_set",
]
