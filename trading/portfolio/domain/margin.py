"""Money set aside to open a position in shares: one dated fraction per segment and side.

Delivery is paid in full (inventory, not margin), and so is a bought option. Futures and written options are
margined by portfolio, not by position: see `domain/span/`.
"""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from core.money import PAISE_PER_RUPEE, to_paise
from trading.brokers.domain.terms import Product, Side
from trading.portfolio.domain.trade import Segment

NOT_BY_POSITION = frozenset({Segment.EQ_DELIVERY, Segment.FUT, Segment.OPT})


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

    def opening_paise(self, side: Side, quantity: int, price: Decimal) -> int:
        """Paise blocked for opening `quantity` at `price` rupees, rounded up to the paisa."""
        if self.segment in NOT_BY_POSITION or quantity == 0:
            return 0
        rate = self.rates.long_rate if side is Side.BUY else self.rates.short_rate
        return int((rate * price * quantity * PAISE_PER_RUPEE).to_integral_value(ROUND_UP))

    def cost_paise(self, product: Product, side: Side, quantity: int, price: Decimal) -> int:
        """Paise that opening takes out of free funds: the price of what is delivered, else the margin."""
        if product is Product.DELIVERY:
            return to_paise(price * quantity) if side is Side.BUY else 0
        return self.opening_paise(side, quantity, price)
