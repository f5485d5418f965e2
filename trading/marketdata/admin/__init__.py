"""Market data in the admin."""

from . import candles, options, settlement

__all__ = ["candles", "options", "settlement"]
