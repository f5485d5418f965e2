"""Taking orders out of the market: on request, all at once, or because their day is over."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict
from trading.orders.domain.modification import ended
from trading.orders.domain.reasons import CANCEL_MESSAGES, CANCEL_PENDING
from trading.orders.domain.states import FINAL, WORKING, OrderStatus
from trading.orders.models import Order, OrderEventType
from trading.orders.paper.venue import matching_terms
from trading.orders.selectors.orders import order_get
from trading.orders.services.live.recall import order_recall
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import session_facts
from trading.orders.services.order.posting import order_save
from trading.orders.services.paper.auction import auctions_run, is_awaited
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock, account_lock_for

EXPIRY = "session end"


@transaction.atomic
def order_cancel(*, actor: Actor, order_id: UUID) -> Order:
    """Cancel what has not traded. Needs CANCEL_ORDERS.

    Where the paper exchange takes its time for it, the order stays as it is with the code `cancel_pending` until
    then. An order that has ended is `Conflict`, with how it ended as the code (`order_filled`, …).
    """
    actor.require(Permission.CANCEL_ORDERS)
    account = account_lock_for(actor, order_get(actor, order_id).account_id)
    order = order_get(actor, order_id)
    if order.status in FINAL:
        late = ended(OrderStatus(order.status))
        raise Conflict(late.message, code=late.code)
    if not _under_way(order, account=account, actor=actor):
        order_withdraw(order, account=account, actor=actor)
    cancellation_audit(order, actor=actor)
    return order


def _under_way(order: Order, *, account: TradingAccount, actor: Actor) -> bool:
    """Whether the cancellation has still to reach the paper exchange; the order may trade until then.

    Only a trader's own: what the house withdraws (a sibling, an unfunded order, a kill) is out at once.
    """
    at = clock.now()
    arrives = matching_terms(order.instrument, clock.trading_date(at)).cancelled_at(at)
    if arrives is None or not account.is_paper or order.status not in WORKING:
        return False
    if order.cancel_at is None:
        order.cancel_at = arrives
        change = OrderChange(order, account=account, instrument=order.instrument, actor=actor.label, at=at)
        change.explain(CANCEL_PENDING, CANCEL_MESSAGES[CANCEL_PENDING])
        change.event(OrderEventType.CANCEL_REQUESTED, reason="cancelled")
        order_save(change)
    return True


def order_withdraw(order: Order, *, account: TradingAccount, actor: Actor, reason: str = "cancelled") -> None:
    """Take a live order out of the market, for one of `CANCEL_MESSAGES`; at a broker, ask it to be taken out.

    The caller holds the account lock.
    """
    at = clock.now()
    change = OrderChange(order, account=account, instrument=order.instrument, actor=actor.label, at=at)
    order_recall(change, reason=reason, message=CANCEL_MESSAGES[reason])
    if change.events:
        order_save(change)


def cancellation_audit(order: Order, *, actor: Actor) -> None:
    """Note in the audit trail who cancelled an order. Last in a transaction: it locks the head of the chain."""
    audit_record(
        actor=actor,
        action="order.cancelled",
        object_type="order",
        object_id=str(order.id),
        data={"quantity": order.quantity, "filled_quantity": order.filled_quantity},
    )


def orders_expire(at: datetime | None = None) -> int:
    """Expire waiting and resting orders whose session is over; returns how many. For the sweep, in a system scope.

    An IOC order rests only as a stop: it is immediate once it has triggered, and waits for that as long as a DAY
    order does.
    """
    moment = at or clock.now()
    auctions_run(moment)
    # A live broker ends its own orders; the reconciliation hears of it.
    working = Order.objects.filter(status__in=sorted(WORKING), account__broker=TradingAccount.Broker.PAPER)
    candidates = working.select_related("instrument").order_by("account_id", "id")
    return sum(_expire(order.id, order.account_id, moment) for order in candidates if is_over(order, moment))


def is_over(order: Order, at: datetime) -> bool:
    """Whether the session that an order is meant for has ended: a later day, or after that day's close.

    An order from a later day than today is over too: a replay has set the market's clock back.
    """
    today = clock.trading_date(at)
    if order.valid_on < today or today < clock.trading_date(order.created_at):
        return True
    if order.valid_on > today:
        return False
    session = session_facts(order.instrument, at)
    has_closed = session.phase in ("CLOSED", "POST_CLOSE") and session.opens_on != today
    return has_closed and not is_awaited(order.instrument, at)


@transaction.atomic
def _expire(order_id: UUID, account_id: UUID, at: datetime) -> bool:
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").filter(id=order_id, status__in=sorted(WORKING)).first()
    if order is None:
        return False
    order_expire(order, account=account, at=at)
    return True


def order_expire(order: Order, *, account: TradingAccount, at: datetime) -> None:
    """Take a working order whose session is over out of the market. The caller holds the account lock."""
    change = OrderChange(order, account=account, instrument=order.instrument, actor=EXPIRY, at=at)
    change.explain("session_over", "The session ended before the order had filled.")
    change.move(OrderStatus.EXPIRED, OrderEventType.EXPIRED)
    order_save(change)
