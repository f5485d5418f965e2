"""Writes of market data."""

from .candles import CandleCounts, candles_write
from .charts import chart_drawing_delete, chart_drawing_save, chart_layout_delete, chart_layout_save
from .datafeed_tokens import datafeed_actor, datafeed_token_create, datafeed_token_revoke
from .quotes import feed_status_publish, quote_publish

__all__ = [
    "CandleCounts",
    "candles_write",
    "chart_drawing_delete",
    "chart_drawing_save",
    "chart_layout_delete",
    "chart_layout_save",
    "datafeed_actor",
    "datafeed_token_create",
    "datafeed_token_revoke",
    "feed_status_publish",
    "quote_publish",
]
