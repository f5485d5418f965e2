"""Writes of runs: creating, moving through their states, their signals, what they have been told."""

from .create import RunDraft, run_create
from .flatten import run_flatten
from .limits import RunChanges, run_limits_change
from .moves import run_pause, run_start, run_stop
from .signals import signal_approve, signal_decline

__all__ = [
    "RunChanges",
    "RunDraft",
    "run_create",
    "run_flatten",
    "run_limits_change",
    "run_pause",
    "run_start",
    "run_stop",
    "signal_approve",
    "signal_decline",
]
