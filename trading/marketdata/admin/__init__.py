"""Market data in the admin."""

from . import candles, charts, settlement

__all__ = ["candles", "charts", "settlement"]
