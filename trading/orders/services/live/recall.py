"""Taking an order out of the market: at once where this house can, on request where a broker has it."""

from core import clock
from core.events import enqueue_on_commit
from trading.orders.domain.states import OrderStatus
from trading.orders.models import OrderEventType, OrderRoute
from trading.orders.paper.exchange import PaperExchange
from trading.orders.services.order.change import OrderChange

ROUTE_ACCOUNT_TASK = "orders.route_account"


def order_recall(change: OrderChange, *, reason: str, message: str) -> bool:
    """Cancel what has not traded, for `order_save` to write; the caller holds the account lock.

    On paper, and for a live order that has not been sent, that is done on return: True. Anything else is a request:
    the order stays as it is until its broker has confirmed, and asking twice is asking once.
    """
    order = change.order
    if change.account.is_paper or order.status == OrderStatus.PENDING_ROUTE:
        exchange = PaperExchange(None, change.at)
        change.apply(exchange.cancel(order.to_broker_order(change.instrument.key)))
        change.explain(reason, message)
        return True
    asked = OrderRoute.objects.filter(order_id=order.id, cancel_requested_at__isnull=True).update(
        cancel_requested_at=clock.wall_now(), cancel_sent_at=None
    )
    if asked:
        change.event(OrderEventType.CANCEL_REQUESTED, reason=reason)
        enqueue_on_commit(ROUTE_ACCOUNT_TASK, account_id=str(order.account_id))
    return False
