"""Where a resting limit order stands among those displayed at its price.

The exchange serves orders of one price by time. An order of ours joins behind everything displayed there; trades
at the price bring it forward, and so does a level that shrinks to less than stood ahead. Those who cancel are
taken to have stood behind us as long as that is possible: the estimate errs against the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from trading.brokers.domain.terms import Side

from .intent import OrderIntent
from .matching import Level
from .tape import Flow


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """`ahead` units were displayed ahead when the flow at the price stood at `mark`; None: not seen yet."""

    ahead: int | None
    mark: int

    def remaining(self, flow: Flow) -> int | None:
        """The units still ahead of the order."""
        return None if self.ahead is None else max(self.ahead - (flow.free - self.mark), 0)

    def reached(self, flow: Flow) -> int:
        """The traded units that got past those ahead: what the order may fill with."""
        return 0 if self.ahead is None else max(flow.free - self.mark - self.ahead, 0)


def turn(side: Side, price: Decimal | None, since: datetime, order_id: UUID) -> tuple[Decimal | int, ...]:
    """The sort key of price-time priority on one side: the better price, then the earlier, then the id.

    A stop that waits has no price yet and comes last: it enters the book behind all that stand in it.
    """
    rank = (0, -price * side.sign) if price is not None else (1, Decimal(0))
    return (*rank, int(since.timestamp() * 1_000_000), order_id.int)


def displayed_at(side: Side, price: Decimal, own_side: Sequence[Level]) -> int | None:
    """The units displayed at a price on the order's own side of the book, best level first.

    A price better than the best, or between two levels, shows nobody: 0. What lies beyond the deepest level
    that we are shown is not known: None.
    """
    for level in own_side:
        if level.price == price:
            return level.quantity
        if (price - level.price) * side.sign > 0:
            return 0
    return None


def keeps_place(before: OrderIntent, after: OrderIntent) -> bool:
    """Whether a modification leaves an order where it stands: only less of it, at the same price."""
    return (
        after.price == before.price
        and after.order_type is before.order_type
        and after.quantity <= before.quantity
        and after.disclosed_quantity <= before.disclosed_quantity
    )


def join(displayed: int | None, flow: Flow) -> QueuePlace:
    """The place of an order that comes to rest now: behind all that is displayed."""
    return QueuePlace(displayed, flow.free)


def look(place: QueuePlace, *, flow: Flow, displayed: int | None, is_passed: bool) -> QueuePlace:
    """The place after a snapshot; the same object when nothing but trades has moved it.

    When the market has traded beyond the price (`is_passed`), nobody is ahead any more and what passed is the
    order's to fill with.
    """
    if is_passed and place.reached(flow) < flow.fresh:
        return QueuePlace(0, flow.free - flow.fresh)
    if is_passed and place.remaining(flow):
        return QueuePlace(0, flow.free)
    remaining = place.remaining(flow)
    if displayed is None or (remaining is not None and remaining <= displayed):
        return place
    return QueuePlace(displayed, flow.free)
