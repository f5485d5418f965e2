"""Orders that rest on the paper exchange, as the matcher sees them: of all tenants, in the order of their turn."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from trading.brokers.domain.terms import OrderType, Side, Validity
from trading.orders.domain.queue import QueuePlace
from trading.orders.domain.resting import RestingOrder
from trading.orders.domain.states import WORKING, OrderStatus
from trading.orders.models import Order
from trading.portfolio.models import TradingAccount

__all__ = ["RestingOrder", "resting_orders"]


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
