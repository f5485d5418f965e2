"""The orders of a run by what may still become of them: live ones, those that rest, and the exits that guard."""

from collections.abc import Iterator
from uuid import UUID

from core.errors import NotFound
from trading.orders.domain.states import FINAL, WORKING

from .guards import Guard
from .orders import SimOrder


class OrderBook:
    """`orders` are all of the run in the order of their ids, `live` those that are not final; `resting` has by
    instrument those that snapshots may act on, `guards` the exits of brackets. `seen` is the last snapshot of each
    watched instrument that has acted."""

    def __init__(self) -> None:
        self.orders: dict[UUID, SimOrder] = {}
        self.live: dict[UUID, SimOrder] = {}
        self.resting: dict[str, list[SimOrder]] = {}
        self.guards: list[Guard] = []
        self.seen: dict[str, int] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing rests and nothing is guarded, so that no snapshot can change anything."""
        return not (self.resting or self.guards)

    def next_id(self) -> UUID:
        """Ids count upwards, so that a run is the same every time."""
        return UUID(int=len(self.orders) + 1)

    def watched(self) -> set[str]:
        """Instruments whose next snapshot may do something."""
        return {*self.resting, *(guard.entry.symbol for guard in self.guards)}

    def keep(self, order: SimOrder, sequence: int) -> None:
        """Have it among the live and the resting ones as its state says; `sequence` is the snapshot of now, which
        has acted on it already."""
        resting = self.resting.get(order.symbol)
        if order.status in FINAL:
            self.live.pop(order.id, None)
            if resting is not None and order in resting:
                resting.remove(order)
                if not resting:
                    del self.resting[order.symbol]
        elif order.status in WORKING and (resting is None or order not in resting):
            self._watch(order.symbol, sequence)
            self.resting.setdefault(order.symbol, []).append(order)

    def guard(self, guard: Guard, sequence: int) -> None:
        """Have an entry's exits look at snapshots after this one."""
        self._watch(guard.entry.symbol, sequence)
        self.guards.append(guard)

    def named(self, order_id: str) -> SimOrder:
        """Raises NotFound, `unknown_order`."""
        found = self.orders.get(UUID(order_id))
        if found is None:
            raise NotFound(f"There is no order {order_id}.", code="unknown_order")
        return found

    def queued(self) -> Iterator[SimOrder]:
        """Those that wait for the opening of their session, the oldest first."""
        return (order for order in list(self.live.values()) if order.is_queued)

    def _watch(self, symbol: str, sequence: int) -> None:
        if symbol not in self.resting and not any(guard.entry.symbol == symbol for guard in self.guards):
            self.seen[symbol] = sequence
