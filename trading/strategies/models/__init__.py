"""Runs of strategies and what they wanted."""

from .run import RunFill, RunMark, RunNote, RunNoteKind, RunOrder, StrategyRun
from .signal import Signal

__all__ = ["RunFill", "RunMark", "RunNote", "RunNoteKind", "RunOrder", "Signal", "StrategyRun"]
