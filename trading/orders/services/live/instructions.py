"""Cancels and modifications at live brokers: asked for in the rows, sent once each, believed only from the book.

Unlike a new order, a cancel may be sent again without harm. Even so it is, only after the book has been read
later than the first and still shows the order working.
"""

import time
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import clock
from core.events import enqueue_on_commit
from trading.brokers.domain.port import InstructionRefused, LiveBroker, NotSent, OutcomeUnknown
from trading.orders.domain.states import WORKING
from trading.orders.models import Order, OrderEventType, OrderRoute
from trading.orders.services.live.epochs import ROUTER
from trading.orders.services.live.recall import ROUTE_ACCOUNT_TASK
from trading.orders.services.live.router import refuse_transaction
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import Situation
from trading.orders.services.order.posting import order_save
from trading.orders.services.order.terms import WantedTerms
from trading.portfolio.services import account_lock


def modification_request(change: OrderChange, situation: Situation) -> None:
    """Keep the new terms of a live order until its broker has taken them; the funds for both are held meanwhile.

    The caller holds the account lock and has judged the new terms.
    """
    order, intent = change.order, situation.context.intent
    wanted = WantedTerms(
        quantity=intent.quantity,
        order_type=intent.order_type,
        price=intent.price,
        trigger_price=intent.trigger_price,
        worst_price=situation.worst_price,
        disclosed_quantity=intent.disclosed_quantity,
        hold_paise=situation.need.for_remainder(intent.quantity - order.filled_quantity),
        hold_before_paise=order.hold_paise,
        filled_quantity=order.filled_quantity,
    )
    OrderRoute.objects.filter(order_id=order.id).update(
        wanted=wanted.to_json(), modify_requested_at=clock.wall_now(), modify_sent_at=None
    )
    change.event(OrderEventType.MODIFY_REQUESTED, **wanted.shown())
    order_save(change, hold_paise=max(order.hold_paise, wanted.hold_paise))
    enqueue_on_commit(ROUTE_ACCOUNT_TASK, account_id=str(order.account_id))


def is_being_changed(order: Order) -> bool:
    """Whether a cancel or a modification of the live order is on its way."""
    on_its_way = OrderRoute.objects.filter(order_id=order.id)
    return on_its_way.filter(Q(cancel_requested_at__isnull=False) | Q(wanted__isnull=False)).exists()


def cancels_send(account_id: UUID, broker: LiveBroker) -> int:
    """Send the cancels that are due; returns how many went out."""
    due = _due(account_id).filter(cancel_requested_at__isnull=False, cancel_sent_at__isnull=True)
    return sum(_cancel(order_id, account_id, broker) for order_id in due.values_list("order_id", flat=True))


def modifications_send(account_id: UUID, broker: LiveBroker) -> int:
    """Send the modifications that are due, unless the order is being cancelled; returns how many went out."""
    due = _due(account_id).filter(
        wanted__isnull=False, modify_sent_at__isnull=True, cancel_requested_at__isnull=True
    )
    return sum(_modify(order_id, account_id, broker) for order_id in due.values_list("order_id", flat=True))


def _due(account_id: UUID):  # type: ignore[no-untyped-def]
    return OrderRoute.objects.filter(account_id=account_id, order__status__in=sorted(WORKING)).exclude(
        order__broker_order_id=""
    )


def _cancel(order_id: UUID, account_id: UUID, broker: LiveBroker) -> bool:
    order = _claim(order_id, account_id, "cancel")
    if order is None:
        return False
    send_by = time.monotonic() + settings.ROUTE_SEND_WITHIN.total_seconds()
    refuse_transaction()
    try:
        broker.cancel(order.broker_order_id, send_by=send_by)
    except NotSent:
        OrderRoute.objects.filter(order_id=order_id).update(cancel_sent_at=None)
        return False
    except InstructionRefused as error:
        _refused(order_id, account_id, error, OrderEventType.CANCEL_FAILED)
    except OutcomeUnknown:
        # The book will show; while it still shows the order working, the cancel is sent anew.
        return True
    return True


def _modify(order_id: UUID, account_id: UUID, broker: LiveBroker) -> bool:
    order = _claim(order_id, account_id, "modify")
    route = OrderRoute.objects.filter(order_id=order_id, wanted__isnull=False).first()
    if order is None or route is None:
        return False
    wanted = WantedTerms.from_json(route.wanted)
    send_by = time.monotonic() + settings.ROUTE_SEND_WITHIN.total_seconds()
    refuse_transaction()
    try:
        broker.modify(
            order.broker_order_id, wanted.on(order.to_broker_order(order.instrument.key)), send_by=send_by
        )
    except NotSent:
        OrderRoute.objects.filter(order_id=order_id).update(modify_sent_at=None)
        return False
    except InstructionRefused as error:
        _refused(order_id, account_id, error, OrderEventType.MODIFY_REFUSED)
    except OutcomeUnknown:
        return True
    return True


@transaction.atomic
def _claim(order_id: UUID, account_id: UUID, what: str) -> Order | None:
    """Commit that the instruction is being sent, before it is; None when another was first."""
    account_lock(account_id)
    unsent = {f"{what}_requested_at__isnull": False, f"{what}_sent_at__isnull": True}
    claimed = (
        OrderRoute.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("order__instrument")
        .filter(order_id=order_id, order__status__in=sorted(WORKING), **unsent)
        .first()
    )
    if claimed is None:
        return None
    setattr(claimed, f"{what}_sent_at", clock.wall_now())
    claimed.save(update_fields=[f"{what}_sent_at"])
    order: Order = claimed.order
    return order


@transaction.atomic
def _refused(order_id: UUID, account_id: UUID, error: InstructionRefused, event: OrderEventType) -> None:
    """The broker did not take it, for certain: the order stands as it was, and its owner may ask again."""
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").get(id=order_id)
    route = OrderRoute.objects.get(order_id=order_id)
    change = OrderChange(order, account=account, instrument=order.instrument, actor=ROUTER, at=clock.now())
    change.event(event, code=error.code, message=str(error))
    hold = None
    if event is OrderEventType.CANCEL_FAILED:
        route.cancel_requested_at = route.cancel_sent_at = None
    elif route.wanted is not None:
        hold = WantedTerms.from_json(route.wanted).hold_without(order)
        route.wanted = route.modify_requested_at = route.modify_sent_at = None
    route.save()
    order_save(change, hold_paise=hold)
