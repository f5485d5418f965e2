"""Trading an order that rests."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core import clock
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.reasons import CANCEL_PENDING
from trading.orders.domain.states import WORKING
from trading.orders.models import Order
from trading.orders.paper.exchange import PaperExchange
from trading.orders.services.order.cancel import is_over, order_expire
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import session_facts
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_fund_trigger, order_save
from trading.orders.services.paper.orders import paper_match, quote_for
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock

MATCHER = "paper exchange"
# What moves in the queue without a trade: nobody is told of it.
QUEUE = ["queue_ahead", "queue_mark"]


@transaction.atomic
def order_match(*, order_id: UUID, account_id: UUID, quote: Quote | None) -> int:
    """Let a resting paper order trade against a snapshot; returns the units traded.

    First of all a cancellation that has arrived takes the order out; that needs no quote.

    For the matcher and the sweep, in a system scope. Takes the account lock, and finds nothing to do when
    the other one was first. A DAY order of another session expires instead of trading.
    """
    account = account_lock(account_id)
    order = (
        Order.objects.select_related("instrument")
        .filter(id=order_id, account_id=account.id, status__in=sorted(WORKING))
        .first()
    )
    if order is None or not account.is_paper:
        return 0
    at = clock.now()
    if is_over(order, at):
        # The matcher can be quicker than the expiry task on the next morning, or when a replay sets the clock.
        order_expire(order, account=account, at=at)
        return 0
    if order.cancel_at is not None and at >= order.cancel_at:
        _cancel(order, account=account, at=at)
        return 0
    if quote is None:
        return 0
    is_open = session_facts(order.instrument, at).is_open
    change = OrderChange(order, account=account, instrument=order.instrument, actor=MATCHER, at=at)
    if order.waits_for_trigger and not _trigger(change, quote, is_open=is_open):
        return 0
    has_moved = paper_match(change, quote, is_open=is_open)
    if not change.events:
        if has_moved:
            order.save(update_fields=QUEUE)
        return 0
    if change.is_final and order.status_code == CANCEL_PENDING:
        change.explain("", "")
    fills = order_save(change)
    notify_outcome(order, instrument=order.instrument, account=account, fills=fills)
    return sum(execution.quantity for execution in change.executions)


def _cancel(order: Order, *, account: TradingAccount, at: datetime) -> None:
    change = OrderChange(order, account=account, instrument=order.instrument, actor=MATCHER, at=at)
    change.apply(PaperExchange(None, at).cancel(order.to_broker_order(order.instrument.key)))
    order_save(change)


def _trigger(change: OrderChange, quote: Quote, *, is_open: bool) -> bool:
    """Whether the snapshot triggers the stop and the account can pay for what follows.

    A snapshot from before the order was accepted cannot: exchanges stamp in whole seconds.
    """
    order = change.order
    if quote.timestamp < order.created_at.replace(microsecond=0):
        return False
    exchange = PaperExchange(quote_for(order, quote, is_open=is_open), change.at)
    triggered = exchange.trigger(order.to_broker_order(order.instrument.key))
    if not triggered:
        return False
    change.apply(triggered)
    return order_fund_trigger(change)
