"""What has happened to a run's orders that its strategy has not been told.

Rows are the truth and bells are only bells: an order's events are counted without gaps (`Order.event_seq`), and
each trade has a row, so whatever was missed is found by what `RunOrder` and `RunFill` say was told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from core.money import from_paise
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Fill, Order
from trading.strategies.domain.market import Fill as ToldFill
from trading.strategies.domain.market import OrderView
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.models import RunFill, RunOrder, Signal, StrategyRun
from trading.strategies.selectors.runs.book import orders_of, working_of

_REFUSED_HERE = {
    SignalState.REFUSED: OrderStatus.REJECTED,
    SignalState.DECLINED: OrderStatus.REJECTED,
    SignalState.EXPIRED: OrderStatus.EXPIRED,
    SignalState.WITHDRAWN: OrderStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class News:
    """An order as it stands now, with its trades that are new, in order of time."""

    order: Order
    fills: tuple[Fill, ...]


def news_of(run: StrategyRun, *, since: datetime) -> list[News]:
    """Orders of the run created since then that have changed, the oldest first, with their new trades."""
    told = RunOrder.objects.filter(run_id=run.id, told_seq=F("order__event_seq")).values("order_id")
    changed = list(
        orders_of(run)
        .filter(created_at__gte=since)
        .exclude(id__in=told)
        .select_related("instrument")
        .order_by("created_at", "id")
    )
    if not changed:
        return []
    known = RunFill.objects.filter(run_id=run.id, fill__order_id__in=[order.id for order in changed])
    fills: dict[object, list[Fill]] = {}
    new = Fill.objects.filter(order_id__in=[order.id for order in changed]).exclude(id__in=known.values("fill_id"))
    for fill in new.order_by("traded_at", "id"):
        fills.setdefault(fill.order_id, []).append(fill)
    return [News(order, tuple(fills.get(order.id, ()))) for order in changed]


def live_orders_of(run: StrategyRun) -> list[Order]:
    """The run's orders that may still trade, the oldest first."""
    return list(working_of(run).select_related("instrument").order_by("created_at", "id"))


def oldest_open(run: StrategyRun) -> datetime | None:
    """When the oldest order was made that may still trade, or of which not everything was told; None if none."""
    told = RunOrder.objects.filter(run_id=run.id, told_seq=F("order__event_seq")).values("order_id")
    found = orders_of(run).filter(Q(status__in=sorted(LIVE)) | ~Q(id__in=told)).order_by("created_at")
    at: datetime | None = found.values_list("created_at", flat=True).first()
    return at


def unsettled_signals(run: StrategyRun) -> Sequence[Signal]:
    """Signals that wait for an answer, or were to be sent when their process died."""
    return list(
        Signal.objects.filter(run_id=run.id, state__in=[SignalState.WAITING, SignalState.READY])
        .select_related("run", "instrument", "order")
        .order_by("seq")
    )


def signal_view(signal: Signal) -> OrderView:
    """The order that a strategy sees behind its signal: its own name is the signal's, whatever has an order yet."""
    if signal.order is not None:
        return order_view(signal.order, str(signal.id), signal.instrument.key)
    return OrderView(
        id=str(signal.id),
        symbol=signal.instrument.key,
        side=Side(signal.side),
        quantity=signal.quantity,
        order_type=OrderType(signal.order_type),
        product=Product(signal.product),
        status=_REFUSED_HERE.get(SignalState(signal.state), OrderStatus.PENDING_ROUTE),
        price=signal.price,
        trigger_price=signal.trigger_price,
        reason_code=signal.code,
        reason=signal.reason,
        tag=signal.tag,
    )


def order_view(order: Order, name: str, key: str) -> OrderView:
    """An order as a strategy sees it, by the name that the strategy knows."""
    return OrderView(
        id=name,
        symbol=key,
        side=Side(order.side),
        quantity=order.quantity,
        order_type=OrderType(order.order_type),
        product=Product(order.product),
        status=OrderStatus(order.status),
        filled_quantity=order.filled_quantity,
        average_price=order.average_price,
        price=order.price,
        trigger_price=order.trigger_price,
        reason_code=order.status_code,
        reason=order.status_message,
        tag=order.tag,
    )


def fill_view(fill: Fill, name: str, key: str, tag: str) -> ToldFill:
    """A trade as a strategy is told of it."""
    return ToldFill(
        order_id=name,
        symbol=key,
        side=Side(fill.side),
        quantity=fill.quantity,
        price=fill.price,
        charges=from_paise(fill.charges_paise),
        at=fill.traded_at,
        tag=tag,
    )
