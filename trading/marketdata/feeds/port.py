"""What a source of ticks must offer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickTolerances


class FrameBroken(Exception):
    """One message of the source could not be read; the next may be fine."""


class FeedEnded(Exception):
    """The source has nothing more to say and never will (the end of a replay)."""


Frame = tuple[datetime, Tick | FrameBroken]
"""What a recorded source said, and when it is due on the market clock."""


class Feed(Protocol):
    """A source of ticks, read by one thread.

    `source` labels every quote. A live source keeps its own socket thread and hands over through a queue.
    `tolerances` says how far its ticks may stray from the market clock and from each other.
    """

    source: str
    tolerances: TickTolerances

    def open(self) -> None:
        """Connect and ask for everything wanted; called again, let go of what was and connect anew.

        Raises `core.errors.Unavailable` when the source cannot be reached.
        """

    def resubscribe(self) -> None:
        """Ask again, on the connection there is, for everything wanted: called while the source is mute.

        Raises `core.errors.Unavailable` when that cannot be done; the source is then opened anew.
        """

    def read(self, timeout: float) -> Sequence[Tick]:
        """The ticks that arrived, waiting at most `timeout` seconds; empty when none did.

        Raises FrameBroken for a message that makes no sense and FeedEnded at the end.
        """

    def expects_ticks(self) -> bool:
        """Whether silence would be a fault now: False outside the session."""

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
