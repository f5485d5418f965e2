"""Writes of market data."""

from .backfill import backfill_cancel, backfill_plan
from .candles import candles_write
from .charts import chart_drawing_delete, chart_drawing_save, chart_layout_delete, chart_layout_save
from .counts import WriteCounts
from .daily import DailyValues, daily_bars_write, daily_roll_up, daily_sweep
from .datafeed_tokens import datafeed_actor, datafeed_token_create, datafeed_token_revoke
from .partitions import months_of, months_retire, partitions_ensure, partitions_keep
from .quotes import feed_status_publish, quote_publish

__all__ = [
    "DailyValues",
    "WriteCounts",
    "backfill_cancel",
    "backfill_plan",
    "candles_write",
    "chart_drawing_delete",
    "chart_drawing_save",
    "chart_layout_delete",
    "chart_layout_save",
    "daily_bars_write",
    "daily_roll_up",
    "daily_sweep",
    "datafeed_actor",
    "datafeed_token_create",
    "datafeed_token_revoke",
    "feed_status_publish",
    "months_of",
    "months_retire",
    "partitions_ensure",
    "partitions_keep",
    "quote_publish",
]
