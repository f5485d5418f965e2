"""When an order that nobody has seen may be given up: late, on good evidence, and never to be sent again."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import system_actor
from accounts.services import audit_record
from core import clock
from trading.brokers.domain.messages import Refused
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderRoute
from trading.orders.services.live.epochs import ROUTER
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.portfolio.services import account_lock

PRESUMED = (
    "presumed_not_placed",
    "The broker's book has not shown this order for {seconds} s and {reads} readings: it is presumed not placed.",
)


@transaction.atomic
def order_presume(order_id: UUID, account_id: UUID, *, read_at: datetime) -> bool:
    """Count a good read of the book without the order; give it up once there were enough, for long enough.

    Its hold is released. Should it turn up later after all, the reconciliation adopts it as an order of its own:
    the trader was told that there is none, and may have placed another since.
    """
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").filter(id=order_id, status=OrderStatus.UNKNOWN).first()
    if order is None:
        return False
    route = OrderRoute.objects.get(order_id=order_id)
    route.absent_reads = min(route.absent_reads + 1, 32000)
    route.save(update_fields=["absent_reads"])
    since = route.unknown_since or read_at
    seconds = int((read_at - since).total_seconds())
    if route.absent_reads < settings.ROUTE_PRESUME_READS or read_at - since < settings.ROUTE_PRESUME_AFTER:
        return False
    change = OrderChange(order, account=account, instrument=order.instrument, actor=ROUTER, at=clock.now())
    message = PRESUMED[1].format(seconds=seconds, reads=route.absent_reads)
    change.apply([Refused(PRESUMED[0], message, change.at)])
    order_save(change)
    notify_outcome(order, instrument=order.instrument, account=account, fills=())
    audit_record(
        actor=system_actor(order.organisation_id, ROUTER),
        action="order.presumed_not_placed",
        object_type="order",
        object_id=str(order.id),
        data={"seconds": seconds, "reads": route.absent_reads},
    )
    return True
