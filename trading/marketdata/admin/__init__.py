"""Market data in the admin."""

from . import candles, charts, options, settlement

__all__ = ["candles", "charts", "options", "settlement"]
