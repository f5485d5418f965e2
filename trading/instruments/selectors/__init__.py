"""Reading instruments, calendars and sessions. They belong to no tenant: every member may see them all."""

from .bands import band_for, band_terms
from .halts import Halt, breaker_rules, halt_at, halts_on
from .instruments import instrument_for_token, instrument_get, instruments_by_key, instruments_listed
from .search import instrument_search
from .sessions import (
    MarketStatus,
    calendar_for,
    market_never_closes,
    market_status,
    segment_for,
    segment_session_at,
    session_at,
    session_windows,
)

__all__ = [
    "Halt",
    "MarketStatus",
    "band_for",
    "band_terms",
    "breaker_rules",
    "calendar_for",
    "halt_at",
    "halts_on",
    "instrument_for_token",
    "instrument_get",
    "instrument_search",
    "instruments_by_key",
    "instruments_listed",
    "market_never_closes",
    "market_status",
    "segment_for",
    "segment_session_at",
    "session_at",
    "session_windows",
]
