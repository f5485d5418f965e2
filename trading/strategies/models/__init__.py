"""What an organisation keeps of its strategies: their texts, the runs of them, and what these wanted."""

from .code import StrategyCode, StrategyVersion
from .run import RunFill, RunMark, RunNote, RunNoteKind, RunOrder, StrategyRun
from .signal import Signal

__all__ = [
    "RunFill",
    "RunMark",
    "RunNote",
    "RunNoteKind",
    "RunOrder",
    "Signal",
    "StrategyCode",
    "StrategyRun",
    "StrategyVersion",
]
