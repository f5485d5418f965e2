"""Which snapshot an order may trade against, and trading an order that rests."""

from uuid import UUID

from django.db import transaction

from core import clock
from trading.brokers.domain.messages import Execution
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.states import WORKING
from trading.orders.models import Order
from trading.orders.paper.exchange import PaperExchange
from trading.portfolio.services import account_lock

from .cancel import is_over, order_expire
from .change import OrderChange
from .context import is_fresh, session_facts
from .notices import notify_outcome
from .posting import order_fund_trigger, order_save

MATCHER = "paper exchange"


def quote_for(order: Order, quote: Quote | None, *, is_open: bool) -> Quote | None:
    """The snapshot, when the order may trade against it: a fresh one, in an open session, not used before."""
    if quote is None or not is_open or not is_fresh(quote) or uses_again(order, quote):
        return None
    return quote


def uses_again(order: Order, quote: Quote) -> bool:
    """Whether the order has traded against this snapshot, or against a later one of the same feed run."""
    if order.matched_at is None or order.matched_sequence is None:
        return False
    return quote.timestamp < order.matched_at or (
        quote.timestamp == order.matched_at and quote.sequence <= order.matched_sequence
    )


def remember_snapshot(change: OrderChange, quote: Quote | None) -> None:
    """Note the snapshot that the order has just traded against, so that it is never consumed twice."""
    if quote is not None and change.executions:
        change.order.matched_sequence = quote.sequence
        change.order.matched_at = quote.timestamp


@transaction.atomic
def order_match(*, order_id: UUID, account_id: UUID, quote: Quote) -> int:
    """Let a resting paper order trade against a snapshot; returns the units traded.

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
    usable = quote_for(order, quote, is_open=session_facts(order.instrument, at).is_open)
    exchange = PaperExchange(usable, at)
    change = OrderChange(order, account=account, instrument=order.instrument, actor=MATCHER, at=at)
    if order.waits_for_trigger and not _trigger(change, exchange, quote):
        return 0
    reports = exchange.match(order.to_broker_order(order.instrument.key))
    if not reports and not change.events:
        return 0
    change.apply(reports)
    remember_snapshot(change, usable)
    fills = order_save(change)
    notify_outcome(order, instrument=order.instrument, account=account, fills=fills)
    return sum(report.quantity for report in reports if isinstance(report, Execution))


def _trigger(change: OrderChange, exchange: PaperExchange, quote: Quote) -> bool:
    """Whether the snapshot triggers the stop and the account can pay for what follows.

    A snapshot from before the order was accepted cannot: exchanges stamp in whole seconds.
    """
    order = change.order
    if quote.timestamp < order.created_at.replace(microsecond=0):
        return False
    triggered = exchange.trigger(order.to_broker_order(order.instrument.key))
    if not triggered:
        return False
    change.apply(triggered)
    return order_fund_trigger(change)
