"""An order that rests on the paper exchange, and what concerns it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from trading.brokers.domain.terms import OrderType, Side, Validity
from trading.marketdata.domain.quote import Quote

from .liquidity import Snapshot
from .matching import crosses
from .queue import QueuePlace, displayed_at, look, turn
from .stops import is_reached
from .tape import Tape, Waiting


@dataclass(frozen=True, slots=True)
class RestingOrder:
    """What the matcher needs to know to see whether a quote concerns an order.

    `trigger_price` is that of a stop which waits for it, None otherwise. `since` is when the order came to its
    price, `place` where it stands there.
    """

    order_id: UUID
    account_id: UUID
    instrument_id: int
    key: str
    side: Side
    order_type: OrderType
    validity: Validity
    pending: int
    worst_price: Decimal | None
    trigger_price: Decimal | None
    since: datetime
    eligible_at: datetime | None
    cancel_at: datetime | None
    place: QueuePlace

    @property
    def turn(self) -> tuple[Decimal | int, ...]:
        """The sort key of price-time priority."""
        price = None if self.trigger_price is not None else self.worst_price
        return turn(self.side, price, self.since, self.order_id)

    @property
    def waiting(self) -> Waiting | None:
        """The order as one that others may trade with at its own price, if it is such a one."""
        if self.trigger_price is not None or self.validity is Validity.IOC or not self.order_type.has_limit:
            return None
        assert self.worst_price is not None
        return Waiting(self.side, self.worst_price, self.pending)

    def crosses(self, quote: Quote) -> bool:
        """Whether the last price reaches the stop, or the best opposite price is one that the order would take."""
        if self.trigger_price is not None:
            return is_reached(self.side, self.trigger_price, quote.ltp)
        best = quote.ask if self.side is Side.BUY else quote.bid
        return best is not None and self.worst_price is not None and crosses(self.side, best, self.worst_price)

    def is_concerned(self, quote: Quote | None, tape: Tape | None, *, now: datetime) -> bool:
        """Whether the snapshot, or the time, does anything to the order; `tape` is None where none is kept."""
        if self.cancel_at is not None and now >= self.cancel_at:
            return True
        if quote is None:
            return False
        if self.eligible_at is not None and quote.timestamp < self.eligible_at:
            return False
        if self.crosses(quote) or (self.validity is Validity.IOC and self.trigger_price is None):
            return True
        return tape is not None and self._has_moved(quote, tape)

    def _has_moved(self, quote: Quote, tape: Tape) -> bool:
        waiting = self.waiting
        if waiting is None:
            return False
        own_side = quote.bids if self.side is Side.BUY else quote.asks
        flow = tape.at(waiting.price, Snapshot.of(quote.timestamp, quote.sequence, quote.received_at))
        after = look(
            self.place,
            flow=flow,
            displayed=displayed_at(self.side, waiting.price, own_side),
            is_passed=waiting.is_passed(quote.ltp),
        )
        return after != self.place or after.reached(flow) > 0
