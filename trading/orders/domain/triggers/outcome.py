"""What an entry with exits puts at risk, and what it is after."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from trading.brokers.domain.terms import Side

_RATIO = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Prices in rupees a unit, `risk` and `reward` in rupees for the whole quantity, both before charges and at
    the exits' own prices: a stop that is fired as a MARKET order may fill worse. Without a target there is no
    reward. An amount below zero means that the exit lies on the wrong side of the entry."""

    entry_price: Decimal
    stop_price: Decimal
    target_price: Decimal | None
    risk: Decimal
    reward: Decimal | None

    @property
    def reward_to_risk(self) -> Decimal | None:
        """Rupees gained for each rupee risked; None without a target, or where nothing is at risk or to gain."""
        if self.reward is None or self.reward <= 0 or self.risk <= 0:
            return None
        return (self.reward / self.risk).quantize(_RATIO, ROUND_HALF_UP)

    @property
    def risk_percent(self) -> Decimal:
        """The stop's distance in per cent of the entry price."""
        return ((self.entry_price - self.stop_price) / self.entry_price * 100).copy_abs().quantize(_RATIO)


def outcome_of(
    *, side: Side, quantity: int, entry_price: Decimal, stop_price: Decimal, target_price: Decimal | None
) -> Outcome:
    """The outcome of entering on `side` at `entry_price` (above zero)."""
    reward = None if target_price is None else (target_price - entry_price) * side.sign * quantity
    risk = (entry_price - stop_price) * side.sign * quantity
    return Outcome(entry_price, stop_price, target_price, risk, reward)
