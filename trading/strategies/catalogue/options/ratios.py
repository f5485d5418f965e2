"""The ratio spread: one option bought, more of a further one sold."""

from decimal import Decimal

from trading.orders.domain.shapes import SHAPES
from trading.strategies.domain.settings import choice, integer, number
from trading.strategies.domain.strategy import Doc

from .base import OptionStrategy
from .book import Trade
from .plan import PlannedLeg, plan_of
from .terms import EXPIRY, ROLL, SESSION, SETTLEMENT


class RatioSpread(OptionStrategy):
    key = "ratio_spread"
    title = "Ratio spread"
    right = choice("Made of", ("calls", "puts"))
    until = choice("Hold until", (EXPIRY, SESSION, ROLL, SETTLEMENT))
    distance = integer("Steps of the bought strike out of the money", 1, minimum=-20, maximum=40)
    delta = number("Delta of the bought option", 0.4, minimum=0.01, maximum=0.99, step=0.05)
    width = integer("Strikes to the sold options", 3, minimum=1, maximum=40)
    stop_percent = number("Stop, % of the bought premium", 100.0, minimum=0.0, maximum=1000.0, step=5.0)
    target_percent = number("Target, % of the bought premium", 80.0, minimum=0.0, maximum=1000.0, step=5.0)
    doc = Doc(
        idea="A move to a level and not beyond: one option nearer to the money is bought and paid for by two"
        " sold at that level, for little or nothing, or even a credit.",
        rules="Buys one option and sells two of the same expiry so many strikes further out. Most is won at the"
        " sold strike; below the bought one only the small debit is lost. Because the net premium can be near"
        " nothing, percentages of stop and target are of the bought option's premium.",
        fails_when="The market goes far beyond the sold strike: one of the two sold options has no hedge, and its"
        " loss has no bound. So it is margined like a naked sale. A jump of volatility hurts long before.",
    )

    def plan(self) -> tuple[PlannedLeg, ...]:
        return plan_of(SHAPES["put-ratio-spread" if self.right == "puts" else "call-ratio-spread"], self.width)

    def basis(self, trade: Trade) -> Decimal:
        return sum((leg.entry_value for leg in trade.options if leg.leads), Decimal(0))
