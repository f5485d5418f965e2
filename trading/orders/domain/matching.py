"""An order against five levels of depth: the one matching rule of paper trading and backtests."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Protocol

from core.money import round_to_tick
from trading.brokers.domain.terms import Side, Validity

# A percentage alone leaves no room on options that cost a few ticks.
PROTECTION_FLOOR_TICKS = 10


class Level(Protocol):
    """One price level of a book; `price` in rupees."""

    @property
    def price(self) -> Decimal: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Match:
    """A trade against one level. `level` counts from the best price, 0 first."""

    price: Decimal
    quantity: int
    level: int


@dataclass(frozen=True, slots=True)
class MatchResult:
    """What an order trades at once. A remainder that does not rest is cancelled."""

    matches: tuple[Match, ...]
    remainder: int
    remainder_rests: bool

    @property
    def filled_quantity(self) -> int:
        return sum(match.quantity for match in self.matches)


def crosses(side: Side, level_price: Decimal, worst_price: Decimal) -> bool:
    """Whether an order that may pay (or accept) `worst_price` trades at a level of the opposite side."""
    return level_price <= worst_price if side is Side.BUY else level_price >= worst_price


def match_depth(
    *, side: Side, quantity: int, worst_price: Decimal, validity: Validity, opposite: Sequence[Level]
) -> MatchResult:
    """Walk the opposite side of the book from its best level.

    Each trade is at the level's own price, never worse than `worst_price` (the limit, or the edge of a
    MARKET order's protection band) and never more than the level holds. A DAY remainder rests until the
    next snapshot, an IOC remainder does not.
    """
    matches: list[Match] = []
    remainder = quantity
    for index, level in enumerate(opposite):
        if remainder == 0 or not crosses(side, level.price, worst_price):
            break
        traded = min(remainder, level.quantity)
        if traded > 0:
            matches.append(Match(level.price, traded, index))
            remainder -= traded
    rests = remainder > 0 and validity is Validity.DAY
    return MatchResult(tuple(matches), remainder, rests)


def protection_price(*, side: Side, reference: Decimal, percent: Decimal, tick_size: Decimal) -> Decimal:
    """The worst price (rupees, on the tick) at which a MARKET order may fill.

    `percent` is measured from `reference`, the last traded price, and is at least
    `PROTECTION_FLOOR_TICKS` ticks wide; a sale's edge stays at or above one tick.
    """
    width = max(reference * percent / 100, tick_size * PROTECTION_FLOOR_TICKS)
    edge = reference + width * side.sign
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return max(round_to_tick(edge, tick_size, rounding), tick_size)
