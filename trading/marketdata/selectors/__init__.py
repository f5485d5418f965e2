"""Reads of market data, which belongs to no tenant, and of what each member keeps of their charts."""

from .candles import MOST_CANDLES, DayStart, candles, day_starts, last_prices, stored_minutes
from .charts import chart_drawings, chart_layout_for, chart_layouts, datafeed_token_get, datafeed_tokens
from .daily import daily_closes
from .hours import TradingHours, session_opens, session_spans, trading_hours
from .indicators import IndicatorSeries, indicator_series
from .quotes import feed_state, feed_status, feed_statuses, quote_latest, quotes_latest
from .settlement import settlement_price

__all__ = [
    "MOST_CANDLES",
    "DayStart",
    "IndicatorSeries",
    "TradingHours",
    "candles",
    "chart_drawings",
    "chart_layout_for",
    "chart_layouts",
    "daily_closes",
    "datafeed_token_get",
    "datafeed_tokens",
    "day_starts",
    "feed_state",
    "feed_status",
    "feed_statuses",
    "indicator_series",
    "last_prices",
    "quote_latest",
    "quotes_latest",
    "session_opens",
    "session_spans",
    "settlement_price",
    "stored_minutes",
    "trading_hours",
]
