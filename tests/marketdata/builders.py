"""Ticks, quotes and bars for the tests of market data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.marketdata.domain.tick import Tick

OPENING = datetime(2016, 8, 22, 3, 45, tzinfo=UTC)
"""09:15 in India on a Monday on which NSE traded."""


def at(minutes: float = 0.0) -> datetime:
    """So many minutes after the opening."""
    return OPENING + timedelta(minutes=minutes)


def make_tick(price: str = "100.00", minutes: float = 0.0, *, key: str = "NSE:RELIANCE", **fields: Any) -> Tick:
    """A tick so many minutes after the opening."""
    return Tick(key=key, price=Decimal(price), timestamp=at(minutes), **fields)


def make_quote(ltp: str = "100.00", *, key: str = "NSE:RELIANCE", **fields: Any) -> Quote:
    """A quote with a one-level book around its price, received just now."""
    price = Decimal(ltp)
    defaults: dict[str, Any] = {
        "open": price,
        "high": price,
        "low": price,
        "close": Decimal("99.00"),
        "volume": 1_000,
        "bids": (DepthLevel(price - Decimal("0.05"), 10, 1),),
        "asks": (DepthLevel(price + Decimal("0.05"), 20, 2),),
        "timestamp": datetime.now(UTC),
        "received_at": datetime.now(UTC),
        "source": "test",
        "sequence": 1,
    }
    return Quote(key=key, ltp=price, **(defaults | fields))
