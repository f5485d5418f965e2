"""What is known of a future or an option from its quote."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractQuote:
    """A contract's prices in rupees, and its counts in units. `stale` when the source no longer vouches for it."""

    key: str
    ltp: Decimal | None = None
    close: Decimal | None = None
    """The previous session's close."""
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_quantity: int = 0
    ask_quantity: int = 0
    volume: int = 0
    oi: int = 0
    previous_oi: int | None = None
    """Open interest at the end of the previous session; None when that is not known."""
    timestamp: datetime | None = None
    stale: bool = False

    @property
    def oi_change(self) -> int | None:
        """Open interest since the previous session's end."""
        return None if self.previous_oi is None else self.oi - self.previous_oi
