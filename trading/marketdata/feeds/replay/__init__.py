"""A real day again: its stored candles or its recorded ticks, at a chosen speed on the virtual clock."""

from .feed import ReplayFeed
from .minutes import MinuteBar, minute_ticks

__all__ = ["MinuteBar", "ReplayFeed", "minute_ticks"]
