"""What trades at the prices where our orders rest: the traded units that can still reach them.

A market tells snapshots, not trades: the day's volume and the last price. The units between two snapshots are
taken to have traded at the last price of the second. Units beyond it must have come past the orders that rest in
between, so those are served first, best price first. A unit reaches one order only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from trading.brokers.domain.terms import Side

from .liquidity import NO_SNAPSHOT, Snapshot


@dataclass(frozen=True, slots=True)
class Flow:
    """Units traded at a price today that no order of ours had; `fresh` of them in the last snapshot."""

    free: int = 0
    fresh: int = 0


NOTHING = Flow()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A limit order that rests; `pending` units."""

    side: Side
    price: Decimal
    pending: int

    def is_passed(self, ltp: Decimal) -> bool:
        """Whether the market traded beyond the order's price, so through everything that stood at it."""
        return ltp < self.price if self.side is Side.BUY else ltp > self.price


@dataclass(frozen=True, slots=True)
class Tape:
    """Counted up to `volume` of `on`, as of `snapshot`."""

    on: date | None = None
    snapshot: Snapshot = NO_SNAPSHOT
    volume: int = 0
    flows: Mapping[Decimal, Flow] = field(default_factory=dict)

    def at(self, price: Decimal, snapshot: Snapshot) -> Flow:
        """The flow at a price; `fresh` only in the snapshot that brought it."""
        flow = self.flows.get(price, NOTHING)
        return flow if self.snapshot.is_same(snapshot) else replace(flow, fresh=0)

    def spend(self, price: Decimal, units: int) -> "Tape":
        """The tape after an order of ours has had `units` of the flow at a price."""
        flow = self.flows.get(price, NOTHING)
        spent = Flow(flow.free - units, max(flow.fresh - units, 0))
        return replace(self, flows={**self.flows, price: spent})


def advance(
    tape: Tape,
    *,
    on: date,
    snapshot: Snapshot,
    ltp: Decimal,
    volume: int,
    volume_before: int,
    waiting: Iterable[Waiting],
    participation: Decimal = Decimal(1),
    lot_size: int = 1,
) -> Tape:
    """The tape after a snapshot. `volume_before` is the day's volume when its caller looked last.

    Whoever else has counted in the meantime is not counted again. Another day begins an empty tape.
    """
    if tape.on != on:
        tape = Tape(on=on, volume=volume_before)
    elif tape.snapshot.is_same(snapshot) or snapshot.received_us < tape.snapshot.received_us:
        return tape
    traded = max(volume - max(volume_before, tape.volume), 0)
    units = int(traded * participation) // lot_size * lot_size
    flows = {price: Flow(flow.free) for price, flow in tape.flows.items()}
    for price, reached in shares(units, ltp, waiting).items():
        flows[price] = Flow(flows.get(price, NOTHING).free + reached, reached)
    return Tape(on, snapshot, max(volume, tape.volume), flows)


def shares(units: int, ltp: Decimal, waiting: Iterable[Waiting]) -> dict[Decimal, int]:
    """How `units` that traded at `ltp` reach the prices where orders rest; never more than `units` together."""
    found: dict[Decimal, int] = {}
    passed: dict[Decimal, int] = {}
    rests_at_last = False
    for order in waiting:
        rests_at_last = rests_at_last or order.price == ltp
        if order.is_passed(ltp):
            passed[order.price] = passed.get(order.price, 0) + order.pending
    # Those furthest from the last price are the best of their side, and the market met them first.
    for price in sorted(passed, key=lambda price: -abs(price - ltp)):
        found[price] = min(passed[price], units)
        units -= found[price]
    if rests_at_last:
        found[ltp] = units
    return {price: share for price, share in found.items() if share}
