"""Orders that rest on the paper exchange, as the matcher sees them: of all tenants, in the order of their turn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from trading.brokers.domain.terms import OrderType, Side, Validity
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.liquidity import Snapshot
from trading.orders.domain.matching import crosses
from trading.orders.domain.queue import QueuePlace, displayed_at, look, turn
from trading.orders.domain.states import WORKING, OrderStatus
from trading.orders.domain.stops import is_reached
from trading.orders.domain.tape import Tape, Waiting
from trading.orders.models import Order
from trading.portfolio.models import TradingAccount


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


def resting_orders(keys: Iterable[str] | None = None) -> list[RestingOrder]:
    """All tenants' orders that rest on the paper exchange, on these instruments or any. Needs a system scope.

    Of each instrument they come in price-time priority: the better price first, then the earlier, then the id.
    """
    working = Order.objects.filter(status__in=sorted(WORKING), account__broker=TradingAccount.Broker.PAPER)
    if keys is not None:
        working = working.filter(instrument__key__in=list(keys))
    rows = working.order_by().values_list(
        "id",
        "account_id",
        "instrument_id",
        "instrument__key",
        "side",
        "order_type",
        "validity",
        F("quantity") - F("filled_quantity"),
        "worst_price",
        "trigger_price",
        "status",
        Coalesce("priority_at", "created_at"),
        "eligible_at",
        "cancel_at",
        "queue_ahead",
        "queue_mark",
    )
    return sorted((_resting(*row) for row in rows), key=lambda order: (order.key, order.turn))


def _resting(
    order_id: UUID,
    account_id: UUID,
    instrument_id: int,
    key: str,
    side: str,
    order_type: str,
    validity: str,
    pending: int,
    worst_price: Decimal | None,
    trigger_price: Decimal | None,
    status: str,
    since: datetime,
    eligible_at: datetime | None,
    cancel_at: datetime | None,
    ahead: int | None,
    mark: int,
) -> RestingOrder:
    return RestingOrder(
        order_id=order_id,
        account_id=account_id,
        instrument_id=instrument_id,
        key=key,
        side=Side(side),
        order_type=OrderType(order_type),
        validity=Validity(validity),
        pending=pending,
        worst_price=worst_price,
        trigger_price=trigger_price if status == OrderStatus.TRIGGER_PENDING else None,
        since=since,
        eligible_at=eligible_at,
        cancel_at=cancel_at,
        place=QueuePlace(ahead, mark),
    )
