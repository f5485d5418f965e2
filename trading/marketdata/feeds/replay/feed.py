"""Delivering the ticks of a past day when the virtual clock reaches them."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from core import clock
from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickTolerances

from ..port import FeedEnded, Frame, FrameBroken

SOURCE = "replay"
_MOST_AT_ONCE = 5_000
_LONGEST_WAIT = 0.05


class ReplayFeed:
    """Starts the virtual clock at `starts` and tells each frame when it is due.

    After `ends` it goes quiet: the clock runs on at the wall's pace, in a market that has closed. With
    `exit_at_end` the feed ends instead. Closing puts market time back on the wall's.
    """

    # A frame is never older than the clock says: at high speed a pause of the process is hours of market time.
    tolerances = TickTolerances(stale_after=timedelta(days=1), ahead_by=timedelta(days=1))

    def __init__(
        self,
        frames: Iterator[Frame],
        *,
        starts: datetime,
        ends: datetime,
        speed: float,
        exit_at_end: bool = False,
        source: str = SOURCE,
    ) -> None:
        self.source = source
        self._frames = frames
        self._starts, self._ends, self._speed = starts, ends, speed
        self._exit_at_end = exit_at_end
        self._next: Frame | None = None
        self._is_open = self._has_ended = False

    def open(self) -> None:
        """Set the clock to the day's start and skip frames from before it; opened again, go on."""
        if self._is_open:
            return
        clock.set_virtual(self._starts, self._speed)
        self._is_open = True
        self._next = next(self._frames, None)
        while self._next is not None and self._next[0] < self._starts:
            self._next = next(self._frames, None)

    def resubscribe(self) -> None:
        """There is nobody to ask: what comes next is in the recording."""

    def read(self, timeout: float) -> Sequence[Tick]:
        """What is due by now on the virtual clock."""
        now = clock.now()
        due: list[Tick] = []
        while self._next is not None and self._next[0] <= now and len(due) < _MOST_AT_ONCE:
            frame = self._next[1]
            if isinstance(frame, FrameBroken) and due:
                break
            self._next = next(self._frames, None)
            if isinstance(frame, FrameBroken):
                raise frame
            due.append(frame)
        if not due:
            self._rest(now, timeout)
        return due

    def expects_ticks(self) -> bool:
        """While the replayed day lasts and has ticks left."""
        return self._next is not None and clock.now() < self._ends

    def close(self) -> None:
        """Put market time back on the wall's."""
        clock.clear_virtual()

    def _rest(self, now: datetime, timeout: float) -> None:
        if self._next is None and now >= self._ends:
            if self._exit_at_end:
                raise FeedEnded("the replayed day is over")
            if not self._has_ended:
                self._has_ended = True
                clock.set_virtual(max(now, self._ends), 1.0)
        time.sleep(min(timeout, _LONGEST_WAIT))
