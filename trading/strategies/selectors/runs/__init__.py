"""Reads of runs and their signals."""

from .answers import note_shape, run_shape, signal_shape
from .rows import (
    notes_of,
    run_get,
    runs_filtered,
    runs_for,
    signal_get,
    signals_filtered,
    signals_for,
    signals_waiting,
)
from .strategy import strategy_of, strategy_title

__all__ = [
    "note_shape",
    "notes_of",
    "run_get",
    "run_shape",
    "runs_filtered",
    "runs_for",
    "signal_get",
    "signal_shape",
    "signals_filtered",
    "signals_for",
    "signals_waiting",
    "strategy_of",
    "strategy_title",
]
