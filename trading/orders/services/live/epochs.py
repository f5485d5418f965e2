"""The lives of this database. What was accepted in an earlier one may have been sent, and is never sent again."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts.domain.actor import system_actor
from accounts.services import audit_record
from core import clock
from trading.orders.domain.states import OrderStatus
from trading.orders.models import AccountRoute, Order, OrderEventType, OrderRoute, RouterEpoch
from trading.orders.services.live.routes import epoch_now
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.posting import order_save
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock

logger = logging.getLogger(__name__)

ROUTER = "router"
SUSPECT = (OrderStatus.PENDING_ROUTE, OrderStatus.ROUTING)
RESTORED = ("restored", "This order comes from a backup: whether it was sent is looked up at the broker.")


def epoch_ensure() -> int:
    """The present epoch, a new one when this is another database than before: a restore, a copy, a changed setting.

    For the router, in a system scope.
    """
    fingerprint = database_fingerprint()
    latest = RouterEpoch.objects.order_by("-number").first()
    if latest is not None and latest.fingerprint == fingerprint:
        return int(latest.number)
    return epoch_begin(reason="another database" if latest else "first start", fingerprint=fingerprint)


@transaction.atomic
def epoch_begin(*, reason: str, fingerprint: str = "") -> int:
    """Begin a new epoch: every live account is reconciled anew, and no order from before is sent.

    What waits to be sent, or was being sent, becomes UNKNOWN: only the broker's book can tell whether the life that
    the backup does not remember has sent it.
    """
    number = epoch_now() + 1
    RouterEpoch.objects.create(
        number=number,
        fingerprint=fingerprint or database_fingerprint(),
        began_at=clock.wall_now(),
        reason=reason,
    )
    AccountRoute.objects.update(is_reconciled=False)
    suspects = Order.objects.filter(status__in=SUSPECT).exclude(account__broker=TradingAccount.Broker.PAPER)
    for order_id, account_id in suspects.order_by("account_id", "id").values_list("id", "account_id"):
        _doubt(order_id, account_id, number)
    logger.warning("router epoch began", extra={"epoch": number, "reason": reason})
    return number


def database_fingerprint() -> str:
    """What tells this database from a restored copy of it, with the operator's `ROUTE_EPOCH`."""
    if connection.vendor != "postgresql":
        return f"{settings.ROUTE_EPOCH}:{connection.vendor}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()),"
            " (SELECT timeline_id FROM pg_control_checkpoint()),"
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        system, timeline, oid = cursor.fetchone()
    return f"{settings.ROUTE_EPOCH}:{system}:{timeline}:{oid}"


def orders_doubt_restored(account_id: UUID) -> int:
    """Doubt what was accepted in an earlier epoch and not sent since, e.g. between a restore and this start."""
    epoch = epoch_now()
    old = OrderRoute.objects.filter(account_id=account_id, epoch__lt=epoch, order__status__in=SUSPECT)
    found = list(old.values_list("order_id", flat=True))
    for order_id in found:
        _doubt(order_id, account_id, epoch)
    return len(found)


@transaction.atomic
def _doubt(order_id: UUID, account_id: UUID, epoch: int) -> None:
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").filter(id=order_id, status__in=SUSPECT).first()
    if order is None:
        return
    now = clock.wall_now()
    OrderRoute.objects.update_or_create(
        order_id=order.id,
        defaults={"unknown_since": now, "absent_reads": 0},
        create_defaults={
            "organisation_id": order.organisation_id,
            "account_id": order.account_id,
            "epoch": epoch - 1,
            "requested_at": now,
            "unknown_since": now,
        },
    )
    change = OrderChange(order, account=account, instrument=order.instrument, actor=ROUTER, at=clock.now())
    if order.status == OrderStatus.PENDING_ROUTE:
        change.move(OrderStatus.ROUTING, OrderEventType.ROUTED, restored=True)
    change.explain(*RESTORED)
    change.move(OrderStatus.UNKNOWN, OrderEventType.UNKNOWN, epoch=epoch)
    order_save(change)
    audit_record(
        actor=system_actor(order.organisation_id, ROUTER),
        action="order.unknown",
        object_type="order",
        object_id=str(order.id),
        data={"reason": RESTORED[0], "epoch": epoch},
    )
