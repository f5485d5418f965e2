"""Signal strategies on one instrument, traded by compiled code: exact, and a thousand at a time."""

from .depository import Depository
from .market import Market, Shown, at_clock
from .run import KernelResult, run
from .signals import LineMemory, history_of, signals_of
from .sweep import SweepResult, sweep
from .terms import Distance, Reason, Sides, Sizing, Stopped, Terms
from .warm import prepare

__all__ = [
    "Depository",
    "Distance",
    "KernelResult",
    "LineMemory",
    "Market",
    "Reason",
    "Shown",
    "Sides",
    "Sizing",
    "Stopped",
    "SweepResult",
    "Terms",
    "at_clock",
    "history_of",
    "prepare",
    "run",
    "signals_of",
    "sweep",
]
