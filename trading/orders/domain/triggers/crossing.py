"""When a leg fires, and how a trailing stop follows the price. Prices are rupees, on the instrument's tick."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.money import round_to_tick
from trading.brokers.domain.terms import Side

from .states import Direction, LegRole


def crossed(direction: Direction, trigger_price: Decimal, ltp: Decimal) -> bool:
    """Whether the last price has reached the trigger price. A touch counts, and so does a jump beyond it."""
    return ltp >= trigger_price if direction is Direction.ABOVE else ltp <= trigger_price


def direction_of(role: LegRole, exit_side: Side) -> Direction:
    """Where an exit of that side waits: a stop on the losing side of the price, a target on the winning one."""
    stops_below = exit_side is Side.SELL
    return Direction.BELOW if (role is LegRole.STOP) is stops_below else Direction.ABOVE


@dataclass(frozen=True, slots=True)
class Trail:
    """The distance that a trailing stop keeps: rupees or per cent of the peak, exactly one of them."""

    points: Decimal | None = None
    percent: Decimal | None = None

    def gap(self, peak: Decimal) -> Decimal:
        """Rupees between the peak and the stop."""
        if self.points is not None:
            return self.points
        return peak * (self.percent or Decimal(0)) / 100


def peak_after(direction: Direction, peak: Decimal, ltp: Decimal) -> Decimal:
    """The best price seen: a stop below follows the highest, a stop above the lowest. It never goes back."""
    return max(peak, ltp) if direction is Direction.BELOW else min(peak, ltp)


def trailed_price(direction: Direction, peak: Decimal, trail: Trail, tick: Decimal) -> Decimal:
    """The stop's trigger price at a peak, on the tick; rounded away from the price, so that the gap is never
    smaller than was asked for, and never below one tick."""
    if direction is Direction.BELOW:
        return max(round_to_tick(peak - trail.gap(peak), tick, ROUND_FLOOR), tick)
    return round_to_tick(peak + trail.gap(peak), tick, ROUND_CEILING)
