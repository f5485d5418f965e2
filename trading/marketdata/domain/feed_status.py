"""How a feed is doing, as it last told the shared store."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class FeedState(StrEnum):
    """What a feed is doing."""

    STARTING = "STARTING"
    LIVE = "LIVE"
    MUTE = "MUTE"
    """Connected, in session, and silent for too long."""
    QUIET = "QUIET"
    """No session is open, so silence is as it should be."""
    STOPPED = "STOPPED"
    DOWN = "DOWN"
    """The feed process no longer reports: it has died or cannot reach the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """A feed's report. Its times are wall times; counters are since the feed started.

    `priority` is 0 for the source that is preferred; `leads` is of how many instruments its ticks make the quotes,
    and `takeovers` how often it took one over from another source. `lag_seconds` is the median age of its latest
    ticks. While it is mute or away, `attempts` counts what was tried to wake it and `next_attempt_at` is when that
    happens again. `recorded` ticks are on disk; `recorder_fault` says why they no longer get there.
    """

    source: str
    state: FeedState
    detail: str = ""
    instruments: int = 0
    priority: int = 0
    leads: int = 0
    takeovers: int = 0
    lag_seconds: float | None = None
    resubscriptions: int = 0
    reconnections: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = None
    recorded: int = 0
    recorder_fault: str = ""
    started_at: datetime
    reported_at: datetime
    last_tick_at: datetime | None = None
    ticks: int = 0
    rejected: dict[str, int] = field(default_factory=dict)

    def state_at(self, wall_now: datetime, silent_after: timedelta) -> FeedState:
        """The state as seen now: a report that is too old means that the reporter is down."""
        if self.state is not FeedState.STOPPED and wall_now - self.reported_at > silent_after:
            return FeedState.DOWN
        return self.state

    def is_healthy(self, wall_now: datetime, silent_after: timedelta) -> bool:
        """Whether prices may be relied on: live, or rightly quiet."""
        return self.state_at(wall_now, silent_after) in {FeedState.LIVE, FeedState.QUIET}
