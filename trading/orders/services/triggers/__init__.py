"""Writes to triggers. Whatever fires, by whichever monitor, goes through `trigger_fire`."""

from .cancel import trigger_cancel, trigger_expire, triggers_cancel_all
from .create import trigger_create
from .fire import trigger_chase, trigger_fire
from .modify import LegTerms, TriggerModification, trigger_modify
from .orphans import orphans_cancel
from .peaks import peaks_keep
from .reshape import reshaped_cancel

__all__ = [
    "LegTerms",
    "TriggerModification",
    "orphans_cancel",
    "peaks_keep",
    "reshaped_cancel",
    "trigger_cancel",
    "trigger_chase",
    "trigger_create",
    "trigger_expire",
    "trigger_fire",
    "trigger_modify",
    "triggers_cancel_all",
]
