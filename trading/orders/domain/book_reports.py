"""What the broker's books tell about one order, as reports that its progress can fold.

The books are states, not events: whoever reads the latest one knows everything, however many were missed, doubled
or swapped on the way. So polling, pushes and the reconciliation all come through here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from trading.brokers.domain.book import BookEntry, BookStatus, BrokerTrade
from trading.brokers.domain.messages import Acknowledged, BrokerReport, Cancelled, Execution, Refused, Triggered
from trading.brokers.domain.terms import OrderType

BROKER_REJECTED = "broker_rejected"
BROKER_CANCELLED = "broker_cancelled"
SESSION_OVER = "session_over"
STOPS = frozenset({OrderType.SL, OrderType.SL_M})
PRICED = frozenset({OrderType.LIMIT, OrderType.SL})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a modification can change of an order; a price only where the type takes one."""

    quantity: int
    order_type: OrderType
    price: Decimal | None
    trigger_price: Decimal | None

    @classmethod
    def of(cls, quantity: int, order_type: OrderType, price: Decimal | None, trigger_price: Decimal | None) -> Self:
        """The terms without what their type does not have: a MARKET order's price is its protection, not a term."""
        return cls(
            quantity=quantity,
            order_type=order_type,
            price=price if order_type in PRICED else None,
            trigger_price=trigger_price if order_type in STOPS else None,
        )

    @classmethod
    def of_entry(cls, entry: BookEntry) -> Self:
        """The terms as they stand at the broker. A stop that has triggered may be shown as what it became."""
        return cls.of(entry.quantity, entry.order_type, entry.price, entry.trigger_price)


def reports_of(
    entry: BookEntry, trades: Iterable[BrokerTrade], *, known_trades: Collection[str], waits_for_trigger: bool
) -> list[BrokerReport]:
    """Everything the entry and its trades say that may be new, in an order that can be folded.

    An end is told only once all trades before it are: funds stay held until the last of them is posted.
    """
    of_order = sorted(
        {trade.trade_id: trade for trade in trades if trade.broker_order_id == entry.broker_order_id}.values(),
        key=lambda trade: (trade.traded_at, trade.trade_id),
    )
    if entry.status is BookStatus.REJECTED and not of_order:
        return [Refused(BROKER_REJECTED, entry.message or "The broker rejected the order.", entry.updated_at)]
    reports: list[BrokerReport] = [Acknowledged(entry.broker_order_id, entry.placed_at)]
    if waits_for_trigger and (of_order or entry.status is BookStatus.OPEN):
        reports.append(Triggered(entry.updated_at, entry.trigger_price or entry.price or Decimal(0)))
    reports += [
        Execution(trade.trade_id, trade.quantity, trade.price, trade.traded_at)
        for trade in of_order
        if trade.trade_id not in known_trades
    ]
    if sum(trade.quantity for trade in of_order) >= entry.filled_quantity:
        reports += _end(entry)
    return reports


def _end(entry: BookEntry) -> list[BrokerReport]:
    if entry.status is BookStatus.CANCELLED:
        return [Cancelled(BROKER_CANCELLED, entry.updated_at)]
    if entry.status in (BookStatus.EXPIRED, BookStatus.REJECTED):
        return [Cancelled(SESSION_OVER, entry.updated_at)]
    return []
