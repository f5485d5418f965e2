"""Sends orders to live brokers, each at most once.

Three steps, and the middle one alone touches the network:
claim (commit ROUTING and the tag) → send (outside any transaction) → settle (commit what is known).
A process that dies after the first step leaves a row in ROUTING; nobody sends it again. It becomes UNKNOWN and is
resolved from the broker's book (`services.reconciliation`).
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from core import clock
from trading.brokers.domain.messages import BrokerOrder, BrokerReport, Refused
from trading.brokers.domain.port import LiveBroker, NotSent, OutcomeUnknown
from trading.brokers.registry import broker_for
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderEventType, OrderRoute
from trading.orders.services.live.epochs import ROUTER
from trading.orders.services.live.routes import epoch_now, route_refusal
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.gates import send_refusal
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock

UNKNOWN = (
    "outcome_unknown",
    "It may or may not be at the broker: do not place it again. Its book is being read; nothing is sent again.",
)
TOO_LATE = ("route_too_late", "The order could not be sent in time and is not sent any more.")
NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Claim:
    """An order that this process alone may send, until `send_by` (on `time.monotonic`)."""

    order_id: UUID
    account: TradingAccount
    broker: LiveBroker
    order: BrokerOrder
    send_by: float = field(
        default_factory=lambda: time.monotonic() + settings.ROUTE_SEND_WITHIN.total_seconds(), kw_only=True
    )


def order_send(order_id: UUID) -> bool:
    """Claim an order, send it and settle what is known; whether it was tried. For the router, in a system scope.

    Any number of processes may try at once, at any time, and again: one sends, and never twice.
    """
    claim = order_claim(order_id)
    if claim is None:
        return False
    refuse_transaction()
    try:
        reports: tuple[BrokerReport, ...] = tuple(claim.broker.place(claim.order, send_by=claim.send_by))
    except NotSent as error:
        reports = (Refused(NOT_SENT, str(error), clock.now()),)
    except OutcomeUnknown as error:
        order_doubt(claim.order_id, claim.account.id, str(error))
        return True
    order_settle(claim.order_id, claim.account.id, reports)
    return True


def orders_due(account_id: UUID) -> list[UUID]:
    """The account's orders that wait to be sent, oldest first."""
    waiting = OrderRoute.objects.filter(
        account_id=account_id, claimed_at__isnull=True, order__status=OrderStatus.PENDING_ROUTE
    )
    return list(waiting.order_by("requested_at", "order_id").values_list("order_id", flat=True))


@transaction.atomic
def order_claim(order_id: UUID) -> Claim | None:
    """Commit that the order is being sent, with its tag; None when it is another's, over, or not to be sent."""
    account_id = OrderRoute.objects.filter(order_id=order_id).values_list("account_id", flat=True).first()
    if account_id is None:
        return None
    account = account_lock(account_id)
    route = (
        OrderRoute.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("order__instrument")
        .filter(order_id=order_id, claimed_at__isnull=True, order__status=OrderStatus.PENDING_ROUTE)
        .first()
    )
    if route is None or route.epoch != epoch_now():
        return None
    order = route.order
    change = OrderChange(order, account=account, instrument=order.instrument, actor=ROUTER, at=clock.now())
    refusal = _refusal(route, account)
    if refusal is not None:
        if refusal[0] != "reconciling":
            _reject(change, *refusal)
        return None
    route.claimed_at = clock.wall_now()
    route.save(update_fields=["claimed_at"])
    broker = broker_for(account)
    change.move(OrderStatus.ROUTING, OrderEventType.ROUTED, broker=broker.name, tag=order.id.hex, epoch=route.epoch)
    order_save(change)
    return Claim(order.id, account, broker, order.to_broker_order(order.instrument.key))


def _refusal(route: OrderRoute, account: TradingAccount) -> tuple[str, str] | None:
    """Why the order is not sent now: asked of the account, its route and the gates, right before sending."""
    if clock.wall_now() - route.requested_at > settings.ROUTE_MAX_AGE:
        return TOO_LATE
    if not account.is_active:
        return ("account_inactive", "The trading account was switched off before the order was sent.")
    closed = route_refusal(account)
    if closed is not None:
        return closed
    decision = send_refusal(route.order)
    return None if decision is None else (decision.code, decision.message)


def _reject(change: OrderChange, code: str, message: str) -> None:
    change.explain(code, message)
    change.move(OrderStatus.REJECTED, OrderEventType.REFUSED, code=code, message=message)
    order_save(change)
    notify_outcome(change.order, instrument=change.instrument, account=change.account, fills=())


@transaction.atomic
def order_settle(order_id: UUID, account_id: UUID, reports: tuple[BrokerReport, ...]) -> None:
    """Write a final answer. The book may have told the same before, or more: the status never goes back."""
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").get(id=order_id)
    if order.status not in (OrderStatus.ROUTING, OrderStatus.UNKNOWN):
        return
    change = OrderChange(order, account=account, instrument=order.instrument, actor=ROUTER, at=clock.now())
    change.apply(reports)
    if order.status not in (OrderStatus.REJECTED, OrderStatus.UNKNOWN):
        change.explain("", "")
    OrderRoute.objects.filter(order_id=order_id).update(unknown_since=None, absent_reads=0)
    order_save(change)
    notify_outcome(order, instrument=order.instrument, account=account, fills=())


@transaction.atomic
def order_doubt(order_id: UUID, account_id: UUID, detail: str) -> None:
    """The outcome is not known: say so, and let the broker's book decide."""
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").filter(id=order_id, status=OrderStatus.ROUTING).first()
    if order is None:
        return
    OrderRoute.objects.filter(order_id=order_id).update(unknown_since=clock.wall_now(), absent_reads=0)
    change = OrderChange(order, account=account, instrument=order.instrument, actor=ROUTER, at=clock.now())
    change.explain(*UNKNOWN)
    change.move(OrderStatus.UNKNOWN, OrderEventType.UNKNOWN, detail=detail)
    order_save(change)


def orders_doubt_stuck(account_id: UUID) -> int:
    """Orders in ROUTING whose sender must be dead become UNKNOWN; returns how many.

    Longer than a claim may wait and a call may take: a sender that still lived would have settled.
    """
    allowed: timedelta = settings.ROUTE_SEND_WITHIN + settings.BROKER_CALL_TIMEOUT * 2
    stuck = OrderRoute.objects.filter(
        account_id=account_id, order__status=OrderStatus.ROUTING, claimed_at__lt=clock.wall_now() - allowed
    )
    found = list(stuck.values_list("order_id", flat=True))
    for order_id in found:
        order_doubt(order_id, account_id, "The process that was sending it has ended.")
    return len(found)


def refuse_transaction() -> None:
    """Nothing is sent from inside a transaction: what it claims would not be committed yet."""
    if connection.in_atomic_block:
        raise RuntimeError("an instruction is sent outside of any transaction")
