"""Displayed quantity is there once: what the takers of one snapshot have had of it, whoever they are.

`take` is the rule. The database keeps the state and applies the same rule in one statement
(`services/paper/liquidity.py`); a test holds the two against each other.
"""

from datetime import datetime

from msgspec import Struct

from trading.brokers.domain.terms import Side


def microseconds(at: datetime) -> int:
    """An instant as whole microseconds since 1970."""
    return round(at.timestamp() * 1_000_000)


class Snapshot(Struct, frozen=True):
    """Names one snapshot. Microseconds since 1970; `received_us` is the wall clock's and says which is later.

    The exchange's own time does not: a replay may have set the market's clock back since the last one.
    """

    exchange_us: int
    sequence: int
    received_us: int

    @classmethod
    def of(cls, timestamp: datetime, sequence: int, received_at: datetime) -> "Snapshot":
        return cls(microseconds(timestamp), sequence, microseconds(received_at))

    def is_same(self, other: "Snapshot") -> bool:
        """Whether both name the same state of the book, however often it was told."""
        return (self.exchange_us, self.sequence) == (other.exchange_us, other.sequence)


NO_SNAPSHOT = Snapshot(0, 0, 0)


class Consumed(Struct, frozen=True):
    """Units taken of each side of a snapshot, from the best level down."""

    snapshot: Snapshot
    bids: int = 0
    asks: int = 0

    def of(self, side: Side) -> int:
        """What an order of this side finds taken already: a BUY takes asks."""
        return self.asks if side is Side.BUY else self.bids


class Taken(Struct, frozen=True):
    """The units from `start` on, counted from the best level, that are now one order's alone."""

    start: int
    quantity: int


def take(
    consumed: Consumed, snapshot: Snapshot, side: Side, *, wanted: int, reachable: int
) -> tuple[Consumed, Taken | None]:
    """Set aside up to `wanted` of the first `reachable` units of a snapshot for an order of `side`.

    A newer snapshot starts untouched. None when the snapshot is not the newest any more: its units are gone.
    """
    if consumed.snapshot.is_same(snapshot):
        present = consumed
    elif snapshot.received_us >= consumed.snapshot.received_us:
        present = Consumed(snapshot)
    else:
        return consumed, None
    start = present.of(side)
    quantity = max(min(wanted, reachable - start), 0)
    if side is Side.BUY:
        return Consumed(present.snapshot, present.bids, start + quantity), Taken(start, quantity)
    return Consumed(present.snapshot, start + quantity, present.asks), Taken(start, quantity)
