"""Signal strategies on one instrument, traded by compiled code: exact, and a thousand at a time."""

from .market import Market, at_clock
from .run import KernelResult, run
from .signals import LineMemory, signals_of
from .sweep import SweepResult, sweep
from .terms import Distance, Reason, Sides, Sizing, Stopped, Terms
from .warm import prepare

__all__ = [
    "Distance",
    "KernelResult",
    "LineMemory",
    "Market",
    "Reason",
    "Sides",
    "Sizing",
    "Stopped",
    "SweepResult",
    "Terms",
    "at_clock",
    "prepare",
    "run",
    "signals_of",
    "sweep",
]
