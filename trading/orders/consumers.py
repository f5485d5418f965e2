"""The `orders` topic."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.domain.actor import Actor
from core import clock
from trading.orders.selectors.orders import order_shape, orders_filtered
from trading.portfolio.consumers import AccountTopic

from .domain.states import LIVE

SNAPSHOT_ORDERS = 500


class OrderTopic(AccountTopic):
    """Orders of one account: the day's and all that may still trade (newest first), then each change."""

    name = "orders"

    def snapshot(self, actor: Actor, key: str) -> Any:
        today, _ = clock.ist_day_span(clock.trading_date())
        current = Q(created_at__gte=today) | Q(status__in=sorted(LIVE))
        found = orders_filtered(actor, account_id=UUID(key)).filter(current)
        return [order_shape(order) for order in found.order_by("-created_at", "-id")[:SNAPSHOT_ORDERS]]
