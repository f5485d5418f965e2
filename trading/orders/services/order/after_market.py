"""Orders that come in after the market: queued here for their session, sent when it opens."""

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q

from accounts.domain.actor import system_actor
from accounts.services import audit_record
from core import clock
from core.db import writes
from core.errors import SaudaError
from core.tenancy import tenant_scope
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.gate import OrderAction
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderEventType
from trading.orders.models.order import AFTER_MARKET
from trading.orders.services.live.epochs import epoch_ensure
from trading.orders.services.live.routing import order_route
from trading.orders.services.order.cancel import is_over, order_expire
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import Situation, is_fresh, session_facts, situation_of
from trading.orders.services.order.gates import verdict_on
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.portfolio.services import account_lock

logger = logging.getLogger(__name__)

RELEASER = "market opening"


def order_queue(change: OrderChange, situation: Situation) -> None:
    """Let an accepted order wait for its session: it holds its funds and is told to no broker."""
    change.explain(AFTER_MARKET, f"Waits for the session of {situation.valid_on:%d %b %Y}.")
    change.event(OrderEventType.ACCEPTED, valid_on=situation.valid_on.isoformat())


def orders_release(at: datetime | None = None) -> int:
    """Send the queued orders whose session is open; returns how many left the queue. For the sweep.

    In a system scope. The gates are asked again, because a night has passed: what they refuse is REJECTED, and its
    owner told. An order waits on while its instrument has no fresh price, and expires with its session.
    """
    moment = at or clock.now()
    _, tomorrow = clock.ist_day_span(clock.trading_date(moment))
    due = Q(valid_on__lte=clock.trading_date(moment)) | Q(created_at__gte=tomorrow)
    queued = Order.objects.filter(due, status=OrderStatus.PENDING_ROUTE, status_code=AFTER_MARKET)
    candidates = list(queued.select_related("account", "instrument").order_by("created_at", "id"))
    if not all(order.account.is_paper for order in candidates):
        # What a backup brings back is doubted before it can go out: its original may have been sent already.
        epoch_ensure()
    return sum(_try_release(order, moment) for order in candidates if _may_leave(order, moment))


def _may_leave(order: Order, at: datetime) -> bool:
    if is_over(order, at):
        return True
    quote = quote_latest(order.instrument.key)
    return session_facts(order.instrument, at).is_open and quote is not None and is_fresh(quote)


def _try_release(order: Order, at: datetime) -> bool:
    """One order's trouble is logged and does not keep the others from their session."""
    try:
        with tenant_scope(order.organisation_id):
            return _release(order.id, order.account_id, at)
    except (SaudaError, DatabaseError):
        logger.exception("after-market order could not be released", extra={"order": str(order.id)})
        return False


@transaction.atomic
def _release(order_id: UUID, account_id: UUID, at: datetime) -> bool:
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").filter(id=order_id).first()
    if order is None or not order.is_queued:
        return False
    if is_over(order, at):
        order_expire(order, account=account, at=at)
        return True
    instrument = order.instrument
    actor = system_actor(order.organisation_id, RELEASER)
    situation = situation_of(
        actor=actor,
        account=account,
        instrument=instrument,
        intent=order.to_intent(instrument.key),
        action=OrderAction.RELEASE,
        order=order,
    )
    verdict = verdict_on(situation.context, today=situation.today)
    change = OrderChange(order, account=account, instrument=instrument, actor=RELEASER, at=situation.context.now)
    change.explain("", "")
    order.worst_price = situation.worst_price
    if verdict.refusal is None:
        change.event(OrderEventType.RELEASED)
        order_route(change, situation)
    else:
        change.refuse(verdict.refusal)
    with writes.together():
        fills = order_save(change, hold_paise=situation.need.for_remainder(order.pending_quantity))
        verdict.record(order)
        notify_outcome(order, instrument=instrument, account=account, fills=fills)
        writes.call_last(
            partial(
                audit_record,
                actor=actor,
                action="order.released",
                object_type="order",
                object_id=str(order.id),
                data={"status": order.status, "code": order.status_code},
            )
        )
    return True
