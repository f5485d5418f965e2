"""What a feed delivers before anything has been checked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .quote import DepthLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One update of one instrument, as its source told it; None where the source has no such field.

    `timestamp` is the exchange's time of the last trade. `volume` is cumulative for the session. `open`, `high`,
    `low` are the session's so far and `close` the previous session's. `sent_at` is when the source sent this: a
    book may change long after the last trade, and then it is by this that the tick is not stale.
    """

    key: str
    price: Decimal
    timestamp: datetime
    volume: int | None = None
    oi: int | None = None
    bids: tuple[DepthLevel, ...] = ()
    asks: tuple[DepthLevel, ...] = ()
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    sent_at: datetime | None = None
