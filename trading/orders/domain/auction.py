"""The closing auction: everything that trades in it trades at one price, MARKET orders first, then price and time.

The price is the exchange's, found among all of its orders; ours are too few to move it. What the market trades
in the auction bounds what each side of ours may have of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from trading.brokers.domain.terms import Side

from .matching import crosses
from .queue import turn


@dataclass(frozen=True, slots=True)
class AuctionOrder:
    """An order that stands in the auction; `worst_price` (rupees) is its limit, or a MARKET order's protection."""

    id: UUID
    side: Side
    is_market: bool
    worst_price: Decimal
    pending: int
    since: datetime


def uncross(orders: Iterable[AuctionOrder], *, price: Decimal, volume: int) -> dict[UUID, int]:
    """The units that each order trades at the closing price; of each side at most `volume` together."""
    left = dict.fromkeys(Side, volume)
    found: dict[UUID, int] = {}
    for order in sorted(orders, key=_precedence):
        units = min(order.pending, left[order.side])
        if units > 0 and crosses(order.side, price, order.worst_price):
            found[order.id] = units
            left[order.side] -= units
    return found


def shared_volume(*, opening: int, closing: int, participation: Decimal, lot_size: int) -> int:
    """Units that our side of an auction may have: what the market traded in it, between the day's volume when it
    began and at its end, by the share of the venue's terms, in whole lots."""
    return int(max(closing - opening, 0) * participation) // lot_size * lot_size


def _precedence(order: AuctionOrder) -> tuple[Decimal | int, ...]:
    if order.is_market:
        return (0, 0, Decimal(0), int(order.since.timestamp() * 1_000_000), order.id.int)
    return (1, *turn(order.side, order.worst_price, order.since, order.id))
