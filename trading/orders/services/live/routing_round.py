"""One round of looking after a live account: send what is due, then hear what the broker has to say."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from core import clock
from core.events import enqueue_on_commit
from trading.brokers.registry import broker_for
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import AccountRoute, Order
from trading.orders.services.live.epochs import epoch_ensure, orders_doubt_restored
from trading.orders.services.live.instructions import cancels_send, modifications_send
from trading.orders.services.live.recall import ROUTE_ACCOUNT_TASK
from trading.orders.services.live.reconciliation import Reconciliation, account_reconcile
from trading.orders.services.live.router import order_send, orders_due
from trading.orders.services.live.routes import epoch_now, route_lease, route_release
from trading.orders.services.positions.runs import POLL
from trading.portfolio.models import TradingAccount

logger = logging.getLogger(__name__)

START = "start"


def account_round(account_id: UUID) -> Reconciliation | None:
    """Cancels first, then new orders, then modifications, then the books. For the router, in a system scope.

    What another process looks after already is left to it: None. An account whose way is not open is compared with
    its broker before anything is sent. Raises `NoRoute` for an account without a way to its broker.
    """
    account = TradingAccount.objects.get(id=account_id)
    broker = broker_for(account)
    if not route_lease(account, seconds=settings.ROUTE_LEASE.total_seconds()):
        return None
    try:
        orders_doubt_restored(account_id)
        opened = None
        if not _is_open(account_id):
            opened = _reconcile(account_id, START)
        cancels_send(account_id, broker)
        sent = [order_id for order_id in orders_due(account_id) if order_send(order_id)]
        modifications_send(account_id, broker)
        if opened is not None and not sent:
            return opened
        return _reconcile(account_id, POLL) if _is_read_due(account_id) else None
    finally:
        route_release(account_id)


def routes_ring() -> int:
    """Ring for a round of every live account; returns how many. Needs a system scope.

    Each is a task of its own, so that one broker's silence holds up no other.
    """
    epoch_ensure()
    accounts = accounts_to_route()
    for account_id in accounts:
        enqueue_on_commit(ROUTE_ACCOUNT_TASK, account_id=str(account_id))
    return len(accounts)


def accounts_to_route() -> list[UUID]:
    """Live accounts, the longest unread first. Needs a system scope."""
    live = TradingAccount.objects.exclude(broker=TradingAccount.Broker.PAPER).order_by("route__read_at", "id")
    return list(live.values_list("id", flat=True))


def _reconcile(account_id: UUID, reason: str) -> Reconciliation:
    now = clock.wall_now()
    due = Q(positions_at__isnull=True) | Q(positions_at__lt=now - settings.ROUTE_POSITIONS_EVERY)
    with_positions = reason == START or AccountRoute.objects.filter(due, account_id=account_id).exists()
    result = account_reconcile(account_id, reason=reason, with_positions=with_positions)
    if with_positions and result.is_complete:
        AccountRoute.objects.filter(account_id=account_id).update(positions_at=now)
    return result


def _is_open(account_id: UUID) -> bool:
    return AccountRoute.objects.filter(account_id=account_id, is_reconciled=True, epoch=epoch_now()).exists()


def _is_read_due(account_id: UUID) -> bool:
    """Often while orders are at the broker; now and then otherwise, for what is done there without us."""
    at_broker = Order.objects.filter(account_id=account_id, status__in=sorted(LIVE - {OrderStatus.PENDING_ROUTE}))
    if at_broker.exists():
        return True
    idle: timedelta = settings.ROUTE_IDLE_READ
    return not AccountRoute.objects.filter(account_id=account_id, read_at__gt=clock.wall_now() - idle).exists()
