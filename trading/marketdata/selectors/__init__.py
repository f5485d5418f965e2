"""Reads of market data. It belongs to no tenant: every member may see all of it."""

from .candles import MOST_CANDLES, DayStart, candles, day_starts, last_prices, stored_minutes
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
    "daily_closes",
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
