"""What a strategy of options, futures and shares of one underlying pays when its options expire, exactly.

Quantities are signed units (not lots), positive for bought; prices are rupees per unit, times years of 365 days
from now. The underlying's price moves from zero up; what is paid is in rupees for the whole strategy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import erfc, inf, log, sqrt

from .piecewise import Interval, PiecewiseLinear

ZERO = Decimal(0)


class LegKind(StrEnum):
    """What a leg is made of."""

    CALL = "CALL"
    PUT = "PUT"
    FUTURE = "FUTURE"
    SHARE = "SHARE"


OPTIONS = frozenset({LegKind.CALL, LegKind.PUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg, entered at `entry`; `years` to its expiry (a share has none), `volatility` annual (0.15 for 15 %).

    `basis` is what the leg's underlying stands above the spot now: of a future its price less the spot, of an
    option the discounted forward of its expiry less the spot. It melts in proportion to time, so that everything
    moves one to one with the spot.
    """

    kind: LegKind
    quantity: int
    entry: Decimal
    strike: Decimal = ZERO
    years: float = inf
    volatility: float = 0.0
    basis: float = 0.0

    @property
    def is_option(self) -> bool:
        return self.kind in OPTIONS

    def basis_after(self, years: float) -> float:
        """What is left of the basis so long from now."""
        if self.kind is LegKind.SHARE or years >= self.years:
            return 0.0
        return self.basis * (1.0 - years / self.years)


def horizon(legs: Iterable[Leg]) -> float | None:
    """Years to the first expiry of any contract; None of shares alone."""
    return min((leg.years for leg in legs if leg.kind is not LegKind.SHARE), default=None)


def is_exact(legs: Sequence[Leg]) -> bool:
    """Whether all options expire at the horizon, so that what the strategy pays then needs no model."""
    until = horizon(legs)
    return all(leg.years == until for leg in legs if leg.is_option)


def net_premium(legs: Iterable[Leg]) -> Decimal:
    """What the options bring in (positive, a credit) or cost (negative, a debit) together."""
    return -sum((leg.entry * leg.quantity for leg in legs if leg.is_option), ZERO)


def tail_units(legs: Iterable[Leg]) -> int:
    """Units of the underlying that the strategy is long of once its price is far above every strike.

    Above zero the gain has no bound, below zero the loss.
    """
    return sum(leg.quantity for leg in legs if leg.kind is not LegKind.PUT)


def payoff_at_expiry(legs: Sequence[Leg]) -> PiecewiseLinear:
    """Rupees gained at the horizon by the underlying's price then, entry prices counted; needs `is_exact` legs.

    A future that lives on is worth the spot and what is left of its basis.
    """
    until = horizon(legs) or 0.0
    fixed = -sum((leg.entry * leg.quantity for leg in legs), ZERO)
    for leg in legs:
        if leg.kind is LegKind.FUTURE:
            fixed += Decimal(str(leg.basis_after(until))) * leg.quantity
    knots = tuple(sorted({ZERO, *(leg.strike for leg in legs if leg.is_option)}))
    return PiecewiseLinear(
        knots,
        tuple(fixed + sum((_worth(leg, price) * leg.quantity for leg in legs), ZERO) for price in knots),
        Decimal(tail_units(legs)),
    )


def probability_within(intervals: Iterable[Interval], *, forward: float, volatility: float, years: float) -> float:
    """The chance that the price ends in one of these intervals, from 0 to 1.

    Lognormal with mean `forward` (Black, 1976): risk-neutral, without drift besides the carry, at one constant
    annual volatility. Without time or volatility the price ends at the forward.
    """
    deviation = volatility * sqrt(max(years, 0.0))
    return sum(_below(each.high, forward, deviation) - _below(each.low, forward, deviation) for each in intervals)


def _below(price: Decimal | None, forward: float, deviation: float) -> float:
    if price is None:
        return 1.0
    if price <= 0:
        return 0.0
    if deviation <= 0:
        return 1.0 if forward < price else 0.0
    z = log(float(price) / forward) / deviation + 0.5 * deviation
    return 0.5 * erfc(-z / sqrt(2.0))


def _worth(leg: Leg, price: Decimal) -> Decimal:
    """A unit's worth at the price, on its last day; of a future without its basis."""
    if leg.kind is LegKind.CALL:
        return max(price - leg.strike, ZERO)
    if leg.kind is LegKind.PUT:
        return max(leg.strike - price, ZERO)
    return price
