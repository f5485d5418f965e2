"""Market data in the admin."""

from . import candles, charts, health, options, settlement

__all__ = ["candles", "charts", "health", "options", "settlement"]
