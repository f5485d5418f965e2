"""Writes of market data."""

from .candles import candles_write
from .counts import WriteCounts
from .daily import DailyValues, daily_bars_write, daily_roll_up, daily_sweep
from .partitions import candles_retire, months_of, partitions_ensure, partitions_keep
from .quotes import feed_status_publish, quote_publish

__all__ = [
    "DailyValues",
    "WriteCounts",
    "candles_retire",
    "candles_write",
    "daily_bars_write",
    "daily_roll_up",
    "daily_sweep",
    "feed_status_publish",
    "months_of",
    "partitions_ensure",
    "partitions_keep",
    "quote_publish",
]
