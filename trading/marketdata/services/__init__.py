"""Writes of market data."""

from .candles import CandleCounts, candles_write
from .quotes import feed_status_publish, quote_publish

__all__ = ["CandleCounts", "candles_write", "feed_status_publish", "quote_publish"]
