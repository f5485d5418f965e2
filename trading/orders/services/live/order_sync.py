"""Brings one order up to what the broker's books say of it. The one way in which a live order learns anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core import clock
from trading.brokers.domain.book import BookEntry, BrokerTrade
from trading.brokers.domain.messages import Acknowledged, Cancelled
from trading.brokers.domain.terms import OrderType
from trading.orders.domain.book_reports import BROKER_CANCELLED, STOPS, Terms, reports_of
from trading.orders.domain.states import FINAL, OrderStatus, move
from trading.orders.models import Fill, Order, OrderEventType, OrderRoute
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.orders.services.order.terms import WantedTerms
from trading.portfolio.services import account_lock

BROKER = "broker"
# How long a modification may go unseen in a book that shows the order with its old terms.
MODIFY_PRESUME_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Synced:
    """What one look at the books changed."""

    changed: bool
    fills: int = 0


@transaction.atomic
def order_sync(
    order_id: UUID, account_id: UUID, entry: BookEntry, trades: Sequence[BrokerTrade], *, read_at: datetime
) -> Synced:
    """Fold the broker's entry and trades into the order. `read_at` is when that read began, on the wall.

    Old news changes nothing: a trade counts once, a status never goes back, and terms are taken over only from a
    later state than the last. Raises `IllegalMove` or `Overfilled` when the books contradict the order.
    """
    account = account_lock(account_id)
    order = Order.objects.select_related("instrument").get(id=order_id)
    route = OrderRoute.objects.get(order_id=order_id)
    change = OrderChange(order, account=account, instrument=order.instrument, actor=BROKER, at=clock.now())
    hold = terms_follow(change, route, entry, read_at=read_at)
    apply_books(change, entry, trades)
    complete_shrunk(change)
    route.unknown_since, route.absent_reads = None, 0
    if route.broker_updated_at is None or entry.updated_at > route.broker_updated_at:
        route.broker_updated_at = entry.updated_at
    if route.cancel_sent_at is not None and _may_cancel_anew(order, route, read_at):
        route.cancel_sent_at = None
    route.save()
    if not change.events and hold is None:
        return Synced(changed=False)
    fills = order_save(change, hold_paise=hold)
    notify_outcome(order, instrument=order.instrument, account=account, fills=fills)
    return Synced(changed=True, fills=len(fills))


def apply_books(change: OrderChange, entry: BookEntry, trades: Sequence[BrokerTrade]) -> None:
    """Fold what the books say into a change; a first sight of the order ends every doubt about it."""
    order = change.order
    known = set(Fill.objects.filter(order_id=order.id).values_list("broker_trade_id", flat=True))
    before = order.status
    for report in reports_of(entry, trades, known_trades=known, waits_for_trigger=order.waits_for_trigger):
        if isinstance(report, Acknowledged) and order.status not in (OrderStatus.ROUTING, OrderStatus.UNKNOWN):
            order.broker_order_id = order.broker_order_id or report.broker_order_id
            continue
        if isinstance(report, Cancelled) and order.status not in FINAL:
            report = _in_our_words(order, report)
        change.apply([report])
    if before == OrderStatus.UNKNOWN and order.status not in FINAL:
        change.explain("", "")


def terms_follow(change: OrderChange, route: OrderRoute, entry: BookEntry, *, read_at: datetime) -> int | None:
    """Take over the terms as they stand at the broker; returns what the order has to hold then, None for as is.

    Ours, once the broker has taken them, or those that somebody has set at the broker itself.
    """
    order = change.order
    wanted = None if route.wanted is None else WantedTerms.from_json(route.wanted)
    there, here = Terms.of_entry(entry), terms_of(order)
    is_news = route.broker_updated_at is None or entry.updated_at > route.broker_updated_at
    if wanted is not None and is_news and there == wanted.terms:
        hold = wanted.hold_with(order)
        _take_over(change, there)
        order.worst_price, order.disclosed_quantity = wanted.worst_price, wanted.disclosed_quantity
        route.wanted = route.modify_requested_at = route.modify_sent_at = None
        return hold
    if is_news and there != here and not _is_triggered_stop(order, there):
        _take_over(change, there, by_broker=True)
    if wanted is not None and _is_overdue(route, read_at):
        change.event(OrderEventType.MODIFY_REFUSED, code="presumed_not_modified", message=_NOT_MODIFIED)
        route.wanted = route.modify_requested_at = route.modify_sent_at = None
        return wanted.hold_without(order)
    return None


def terms_of(order: Order) -> Terms:
    """The order's terms, as a book would show them."""
    return Terms.of(order.quantity, OrderType(order.order_type), order.price, order.trigger_price)


def complete_shrunk(change: OrderChange) -> None:
    """An order whose quantity was cut to what has filled is complete."""
    order = change.order
    if order.filled_quantity == order.quantity and order.status not in FINAL:
        order.status = move(OrderStatus(order.status), OrderStatus.FILLED)


_NOT_MODIFIED = "The broker's book still shows the old terms."


def _take_over(change: OrderChange, terms: Terms, *, by_broker: bool = False) -> None:
    order = change.order
    was = terms_of(order)
    order.quantity = terms.quantity
    order.order_type = terms.order_type
    order.price = terms.price
    order.trigger_price = terms.trigger_price
    if terms.trigger_price is not None:
        order.decision_price = terms.trigger_price
    order.disclosed_quantity = min(order.disclosed_quantity, terms.quantity)
    if terms.price is not None:
        order.worst_price = terms.price
    change.event(
        OrderEventType.MODIFIED,
        quantity=terms.quantity,
        order_type=terms.order_type.value,
        price=None if terms.price is None else str(terms.price),
        by_broker=by_broker,
        was={"quantity": was.quantity, "price": None if was.price is None else str(was.price)},
    )


def _is_triggered_stop(order: Order, there: Terms) -> bool:
    """Some brokers show a stop that has triggered as the LIMIT or MARKET order that it became."""
    return order.order_type in STOPS and there.order_type not in STOPS and there.quantity == order.quantity


def _is_overdue(route: OrderRoute, read_at: datetime) -> bool:
    return route.modify_sent_at is not None and read_at > route.modify_sent_at + MODIFY_PRESUME_AFTER


def _may_cancel_anew(order: Order, route: OrderRoute, read_at: datetime) -> bool:
    """The book, read well after the cancel went out, still has the order: it did not arrive."""
    if order.status in FINAL or route.cancel_sent_at is None:
        return False
    return bool(read_at > route.cancel_sent_at + settings.BROKER_CALL_TIMEOUT)


def _in_our_words(order: Order, report: Cancelled) -> Cancelled:
    """A cancel that was asked for here is 'cancelled'; any other says where it came from."""
    asked = OrderRoute.objects.filter(order_id=order.id, cancel_requested_at__isnull=False).exists()
    if asked and report.reason == BROKER_CANCELLED:
        return Cancelled("cancelled", report.at)
    if order.validity == "IOC":
        return Cancelled("ioc_remainder", report.at)
    return report
