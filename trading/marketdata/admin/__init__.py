"""Market data in the admin."""

from . import candles, settlement

__all__ = ["candles", "settlement"]
