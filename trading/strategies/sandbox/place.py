"""Where a strategy's code is when it is stopped: its process writes its frames to standard error when it is asked.

Python's fault handler does that from C, in the middle of whatever runs. A strategy that loops, computes within one
call or catches every exception can neither keep it from that nor notice it.
"""

import faulthandler
import re
import signal
from dataclasses import dataclass

from .interpreter import FILE

ASK = signal.SIGUSR1
"""The house asks with it; the process goes on."""
_BEGIN = b"most recent call first):\n"
_FRAME = re.compile(rb'  File "%s", line (\d{1,7}) in ([^\n]{1,200})\n' % re.escape(FILE).encode())
# The frame that every process begins with, and what stands for the rest of a deep stack.
_END = (b'  File "<string>", line 1 in <module>\n', b"  ...\n")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the strategy's own text, counted from 1, and the function that it stands in."""

    function: str
    line: int

    def __str__(self) -> str:
        return f"at line {self.line}" if self.function == "<module>" else f"in {self.function}, line {self.line}"


def tell_when_asked() -> None:
    """Have this process tell where it is: when the house asks, and when its processor time is nearly used up."""
    for each in (ASK, signal.SIGXCPU):
        faulthandler.register(each, all_threads=False)


def place_in(told: bytes) -> Place | None:
    """The innermost line of the strategy's own text in the latest frames that were written; None without one."""
    _, begin, frames = told.rpartition(_BEGIN)
    found = _FRAME.search(frames) if begin else None
    return None if found is None else Place(found[2].decode(errors="replace"), int(found[1]))


def is_whole(told: bytes) -> bool:
    """Whether nothing more is to come that could matter."""
    _, begin, frames = told.rpartition(_BEGIN)
    return bool(begin) and (_FRAME.search(frames) is not None or frames.endswith(_END))
