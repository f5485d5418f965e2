"""The latest known state of one instrument on its exchange."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

_HUNDREDTH = Decimal("0.01")


class DepthLevel(Struct, frozen=True):
    """One price level of the order book: what may be traded there."""

    price: Decimal
    quantity: int
    orders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A snapshot. Prices are rupees per unit; `close` is the previous session's close.

    Where a source does not know the previous close (the first day of a replay), the day's open
    stands in, so that change is measured from the open. `timestamp` is the exchange's time on the
    market clock (virtual in a replay), `received_at` the wall clock's; `sequence` grows by one with
    each change of this instrument in one feed run.
    """

    key: str
    ltp: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int = 0
    oi: int = 0
    bids: tuple[DepthLevel, ...] = ()
    asks: tuple[DepthLevel, ...] = ()
    timestamp: datetime
    received_at: datetime
    source: str
    sequence: int = 0

    @property
    def bid(self) -> Decimal | None:
        """The best price somebody will buy at; None when nobody bids."""
        return self.bids[0].price if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        """The best price somebody will sell at; None when nobody offers."""
        return self.asks[0].price if self.asks else None

    @property
    def bid_quantity(self) -> int:
        """Units wanted at the best bid."""
        return self.bids[0].quantity if self.bids else 0

    @property
    def ask_quantity(self) -> int:
        """Units offered at the best ask."""
        return self.asks[0].quantity if self.asks else 0

    @property
    def change(self) -> Decimal:
        """Rupees since the previous close."""
        return self.ltp - self.close

    @property
    def change_pct(self) -> Decimal:
        """Per cent since the previous close, to two decimals; zero when there is no previous close."""
        if not self.close:
            return Decimal(0)
        return (self.change * 100 / self.close).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)

    def is_stale(self, wall_now: datetime, after: timedelta) -> bool:
        """Whether the feed last confirmed this quote more than `after` ago, measured on the wall clock.

        The market clock would not do: in a fast replay a quote of half a second ago is minutes old by it.
        """
        return wall_now - self.received_at > after
