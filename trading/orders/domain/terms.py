"""How a market treats the orders that come to it: the parameters of matching."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading.brokers.domain.terms import Side
from trading.instruments.domain.bands import PriceBand

from .slippage import SlippageModel


@dataclass(frozen=True, slots=True)
class MatchingTerms:
    """Latencies in milliseconds of market time; what `slippage_value` means is the model's to say.

    `participation` is the share of displayed and of traded units that all our orders together may have.
    """

    latency_ms: int = 0
    cancel_latency_ms: int = 0
    slippage_model: SlippageModel = SlippageModel.NONE
    slippage_value: Decimal = Decimal(0)
    participation: Decimal = Decimal(1)

    def eligible_at(self, accepted_at: datetime) -> datetime | None:
        """The exchange time of the first snapshot that an order may match; None: any, the present one included."""
        return accepted_at + timedelta(milliseconds=self.latency_ms) if self.latency_ms else None

    def cancelled_at(self, asked_at: datetime) -> datetime | None:
        """The market time at which a cancellation takes effect; None: at once."""
        return asked_at + timedelta(milliseconds=self.cancel_latency_ms) if self.cancel_latency_ms else None


@dataclass(frozen=True, slots=True)
class Venue:
    """One instrument's market: its terms, its grid (rupees), its lot and its price band, if it has one."""

    terms: MatchingTerms
    tick_size: Decimal
    lot_size: int = 1
    band: PriceBand | None = None

    def bounded(self, side: Side, worst_price: Decimal) -> Decimal:
        """The worst price within the band: nothing trades outside of it."""
        if self.band is None:
            return worst_price
        return min(worst_price, self.band.high) if side is Side.BUY else max(worst_price, self.band.low)


PLAIN = MatchingTerms()
PLAIN_VENUE = Venue(PLAIN, Decimal("0.01"))
