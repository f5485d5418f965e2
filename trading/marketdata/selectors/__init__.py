"""Reads of market data, which belongs to no tenant, and of what each member keeps of their charts."""

from .adjustments import SHARE_CHANGES, price_events
from .backfills import backfill_get, backfills, file_imports
from .candles import MOST_CANDLES, DayStart, candles, day_starts, last_prices
from .charts import chart_drawings, chart_layout_for, chart_layouts, datafeed_token_get, datafeed_tokens
from .daily import daily_bars, daily_closes, daily_series
from .gaps import Coverage, InstrumentCoverage, coverage
from .hours import TradingHours, candle_end, session_opens, session_spans, trading_hours
from .indicators import STORED_AFTER, IndicatorSeries, bars_after, indicator_history, indicator_series
from .live import live_bar
from .minutes import minutes_known, minutes_of_many, stored_minutes
from .partitions import (
    CANDLES,
    MONTHLY_TABLES,
    OPTION_MINUTES,
    MonthlyTable,
    PartitionState,
    Storage,
    StorageState,
    storage_kind,
    storage_state,
)
from .quotes import feed_state, feed_status, feed_statuses, quote_latest, quote_read, quotes_latest, quotes_shown
from .settlement import settlement_price

__all__ = [
    "CANDLES",
    "MONTHLY_TABLES",
    "MOST_CANDLES",
    "OPTION_MINUTES",
    "SHARE_CHANGES",
    "STORED_AFTER",
    "Coverage",
    "DayStart",
    "IndicatorSeries",
    "InstrumentCoverage",
    "MonthlyTable",
    "PartitionState",
    "Storage",
    "StorageState",
    "TradingHours",
    "backfill_get",
    "backfills",
    "bars_after",
    "candle_end",
    "candles",
    "chart_drawings",
    "chart_layout_for",
    "chart_layouts",
    "coverage",
    "daily_bars",
    "daily_closes",
    "daily_series",
    "datafeed_token_get",
    "datafeed_tokens",
    "day_starts",
    "feed_state",
    "feed_status",
    "feed_statuses",
    "file_imports",
    "indicator_history",
    "indicator_series",
    "last_prices",
    "live_bar",
    "minutes_known",
    "minutes_of_many",
    "price_events",
    "quote_latest",
    "quote_read",
    "quotes_latest",
    "quotes_shown",
    "session_opens",
    "session_spans",
    "settlement_price",
    "storage_kind",
    "storage_state",
    "stored_minutes",
    "trading_hours",
]
