"""A real day again: its stored candles or its recorded ticks, at a chosen speed on the virtual clock."""

from .feed import ReplayFeed

__all__ = ["ReplayFeed"]
