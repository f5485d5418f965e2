"""Money set aside to open a position. First cut: one dated fraction per segment and side, no portfolio offsets.

Equity delivery is paid in full (inventory, not margin). A bought option costs its premium. For a written option
the base is strike times quantity plus the premium, so that the block does not shrink far out of the money; for
futures it is the contract value.
"""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from core.money import PAISE_PER_RUPEE
from trading.brokers.domain.terms import Side
from trading.portfolio.domain.trade import Segment


@dataclass(frozen=True, slots=True)
class MarginRates:
    """Fractions of the base that opening a long or a short position blocks."""

    long_rate: Decimal
    short_rate: Decimal


@dataclass(frozen=True, slots=True)
class MarginTerms:
    """Everything about an instrument and a day that fixes the margin of an opening trade."""

    segment: Segment
    rates: MarginRates
    strike: Decimal | None = None

    def opening_paise(self, side: Side, quantity: int, price: Decimal) -> int:
        """Paise blocked for opening `quantity` at `price` rupees, rounded up to the paisa."""
        if self.segment is Segment.EQ_DELIVERY or quantity == 0:
            return 0
        base = price
        if self.segment is Segment.OPT and side is Side.SELL:
            base += self.strike or Decimal(0)
        rate = self.rates.long_rate if side is Side.BUY else self.rates.short_rate
        return int((rate * base * quantity * PAISE_PER_RUPEE).to_integral_value(ROUND_UP))
