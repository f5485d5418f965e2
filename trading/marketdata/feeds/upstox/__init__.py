"""Upstox's market data feed, version 3: its messages as ticks, and recordings of them."""

from .messages import UpstoxMessages
from .recordings import upstox_recorded_ticks

__all__ = ["UpstoxMessages", "upstox_recorded_ticks"]
