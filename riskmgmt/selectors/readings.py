"""What has gone wrong with an account's orders lately."""

from datetime import datetime
from uuid import UUID

from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderEvent, RefusedLeg
from trading.orders.services.groups.placing import HELD_BACK


def rejects(account_id: UUID, *, since: datetime) -> int:
    """Orders refused since then, by a gate or by the broker, and legs for which a group was taken back whole."""
    orders = Order.objects.filter(account_id=account_id, created_at__gt=since, status=OrderStatus.REJECTED)
    legs = RefusedLeg.objects.filter(group__account_id=account_id, group__created_at__gt=since)
    return orders.count() + legs.filter(group__all_or_nothing=True).exclude(code=HELD_BACK[0]).count()


def broker_errors(account_id: UUID, *, since: datetime) -> int:
    """Times that an order got no answer known to be final since then."""
    return OrderEvent.objects.filter(
        order__account_id=account_id, order__created_at__gt=since, at__gt=since, status=OrderStatus.UNKNOWN
    ).count()
