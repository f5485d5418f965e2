"""An order against five levels of depth: the one matching rule of paper trading and backtests.

Whoever takes displayed units begins at the best level, so what all takers of a snapshot have had is always its
front: one number, `taken`, says where the next one begins.
"""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Protocol

from msgspec import Struct

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


class Offer(Struct, frozen=True):
    """What a level has for our orders; `price` in rupees."""

    price: Decimal
    quantity: int


class Match(Struct, frozen=True):
    """A trade against one level. `level` counts from the best price, 0 first."""

    price: Decimal
    quantity: int
    level: int


class MatchResult(Struct, frozen=True):
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


def offers(levels: Sequence[Level], *, participation: Decimal = Decimal(1), lot_size: int = 1) -> Sequence[Level]:
    """The levels as far as our orders may have them: a share of each, in whole lots."""
    if participation == 1 and lot_size == 1:
        return levels
    return tuple(Offer(level.price, int(level.quantity * participation) // lot_size * lot_size) for level in levels)


def reach(side: Side, worst_price: Decimal, opposite: Sequence[Level]) -> int:
    """The units that the book shows at prices the order would take."""
    return sum([level.quantity for level in _crossed(side, worst_price, opposite)])


def match_depth(
    *,
    side: Side,
    quantity: int,
    worst_price: Decimal,
    validity: Validity,
    opposite: Sequence[Level],
    taken: int = 0,
) -> MatchResult:
    """Walk the opposite side of the book from its best level, beyond the units that others have `taken`.

    Each trade is at the level's own price, never worse than `worst_price` (the limit, or the edge of a
    MARKET order's protection band) and never more than the level holds. A DAY remainder rests until the
    next snapshot, an IOC remainder does not.
    """
    matches: list[Match] = []
    remainder = quantity
    for index, level in enumerate(_crossed(side, worst_price, opposite)):
        gone = min(taken, level.quantity)
        taken -= gone
        traded = min(remainder, level.quantity - gone)
        if traded > 0:
            matches.append(Match(level.price, traded, index))
            remainder -= traded
        if remainder == 0:
            break
    rests = remainder > 0 and validity is Validity.DAY
    return MatchResult(tuple(matches), remainder, rests)


def _crossed(side: Side, worst_price: Decimal, opposite: Sequence[Level]) -> Iterator[Level]:
    is_buy = side is Side.BUY
    for level in opposite:
        price = level.price
        if price > worst_price if is_buy else price < worst_price:
            return
        yield level


def protection_price(*, side: Side, reference: Decimal, percent: Decimal, tick_size: Decimal) -> Decimal:
    """The worst price (rupees, on the tick) at which a MARKET order may fill.

    `percent` is measured from `reference`, the last traded price, and is at least
    `PROTECTION_FLOOR_TICKS` ticks wide; a sale's edge stays at or above one tick.
    """
    width = max(reference * percent / 100, tick_size * PROTECTION_FLOOR_TICKS)
    edge = reference + width * side.sign
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return max(round_to_tick(edge, tick_size, rounding), tick_size)
