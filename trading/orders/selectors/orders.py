"""Reads of orders, their events and their trades."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from accounts.domain.actor import Actor
from core.db.prepared import Prepared
from core.errors import NotFound
from core.money import PAISA, from_paise, rupee_text
from trading.orders.domain.progress import pending
from trading.orders.domain.states import LIVE
from trading.orders.domain.triggers.states import WATCHED_TRIGGERS
from trading.orders.models import Fill, Order, OrderEvent, Trigger
from trading.portfolio.selectors import PreparedForActor


class OrderRow(NamedTuple):
    """What is shown of an order, for lists that need no `Order`."""

    id: UUID
    client_order_id: str
    account_id: UUID
    key: str
    side: str
    quantity: int
    filled_quantity: int
    average_price: Decimal | None
    order_type: str
    product: str
    validity: str
    price: Decimal | None
    trigger_price: Decimal | None
    decision_price: Decimal | None
    disclosed_quantity: int
    is_after_market: bool
    valid_on: date
    triggered_at: datetime | None
    status: str
    status_code: str
    status_message: str
    origin: str
    strategy: str
    tag: str
    is_foreign: bool
    group_id: UUID | None
    leg: int | None
    broker_order_id: str
    charges_paise: int
    created_at: datetime
    updated_at: datetime

    @property
    def pending_quantity(self) -> int:
        """What may still trade."""
        return pending(self.status, self.quantity, self.filled_quantity)


_SHAPED = tuple("instrument__key" if name == "key" else name for name in OrderRow._fields)


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """What other orders of an account need to know of one that may still trade."""

    id: UUID
    instrument_id: int
    side: str
    product: str
    strategy: str
    hold_paise: int
    pending_quantity: int
    key: str
    underlying: str
    instrument_type: str
    strike: Decimal | None
    valued_at: Decimal | None


_LIVE_COLUMNS = (
    "id",
    "instrument_id",
    "side",
    "product",
    "strategy",
    "hold_paise",
    F("quantity") - F("filled_quantity"),
    "instrument__key",
    "instrument__underlying",
    "instrument__instrument_type",
    "instrument__strike",
    Coalesce("worst_price", "trigger_price"),
)

live_of_account = Prepared(
    lambda account_id: (
        Order.objects.filter(account_id=account_id, status__in=sorted(LIVE)).order_by().values_list(*_LIVE_COLUMNS)
    ),
    account_id=UUID,
)


guards_of_position = Prepared(
    lambda account_id, instrument_id, product, strategy: Trigger.objects.filter(
        account_id=account_id,
        instrument_id=instrument_id,
        product=product,
        strategy=strategy,
        protects=True,
        status__in=sorted(WATCHED_TRIGGERS),
    ).order_by("created_at", "id"),
    account_id=UUID,
    instrument_id=int,
    product=str,
    strategy=str,
)


def live_orders(account_id: UUID) -> list[LiveOrder]:
    """The account's orders that may still trade. For services: the caller has authorised the account."""
    return [LiveOrder(*row) for row in live_of_account(account_id=account_id)]


def live_orders_of(account_ids: Sequence[UUID]) -> dict[UUID, list[LiveOrder]]:
    """The same of several accounts in one query, by account; those without live orders are left out."""
    found: dict[UUID, list[LiveOrder]] = defaultdict(list)
    rows = Order.objects.filter(account_id__in=account_ids, status__in=sorted(LIVE)).order_by()
    for account_id, *columns in rows.values_list("account_id", *_LIVE_COLUMNS):
        found[account_id].append(LiveOrder(*columns))
    return found


def orders_for(actor: Actor) -> QuerySet[Order]:
    """Orders of the accounts that the actor may see, newest first, with their instrument."""
    found: QuerySet[Order] = Order.objects.for_actor(actor).select_related("instrument")
    return found


def order_get(actor: Actor, order_id: UUID) -> Order:
    """One order that the actor may see; any other is NotFound."""
    order = orders_for(actor).filter(id=order_id).first()
    if order is None:
        raise NotFound("There is no such order.", code="unknown_order")
    return order


def orders_filtered(
    actor: Actor,
    *,
    statuses: Iterable[str] = (),
    key: str = "",
    account_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Order]:
    """Orders by status, instrument, account and time of creation (`since` included, `until` not)."""
    orders = orders_for(actor)
    wanted = list(statuses)
    if wanted:
        orders = orders.filter(status__in=wanted)
    if key:
        orders = orders.filter(instrument__key=key)
    if account_id:
        orders = orders.filter(account_id=account_id)
    if since:
        orders = orders.filter(created_at__gte=since)
    if until:
        orders = orders.filter(created_at__lt=until)
    return orders


def order_events(order: Order) -> QuerySet[OrderEvent]:
    """The order's timeline, oldest first. `order` comes from `order_get`."""
    return OrderEvent.objects.filter(order_id=order.id).order_by("seq")


def order_fills(order: Order) -> QuerySet[Fill]:
    """The order's trades, oldest first. `order` comes from `order_get`."""
    return Fill.objects.filter(order_id=order.id).select_related("instrument").order_by("traded_at", "id")


def trades_filtered(
    actor: Actor,
    *,
    key: str = "",
    account_id: UUID | None = None,
    order_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Fill]:
    """Trades of the accounts that the actor may see, newest first."""
    fills: QuerySet[Fill] = Fill.objects.for_actor(actor).select_related("instrument")
    if key:
        fills = fills.filter(instrument__key=key)
    if account_id:
        fills = fills.filter(account_id=account_id)
    if order_id:
        fills = fills.filter(order_id=order_id)
    if since:
        fills = fills.filter(traded_at__gte=since)
    if until:
        fills = fills.filter(traded_at__lt=until)
    return fills


def shaped(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The same orders with only the columns that `order_shape` shows, for long lists."""
    return orders.only(*_SHAPED)


@cache
def _orders_first(most: int) -> PreparedForActor[tuple[Any, ...]]:
    def build(actor: Actor) -> QuerySet[Order, tuple[Any, ...]]:
        rows: QuerySet[Order, tuple[Any, ...]] = Order.objects.for_actor(actor).values_list(*_SHAPED)
        return rows.order_by("-id")[:most]

    return PreparedForActor(build)


def orders_first(actor: Actor, most: int) -> list[OrderRow]:
    """The newest of what `orders_filtered` gives without a filter; `most` is one of a few page sizes."""
    return [OrderRow._make(row) for row in _orders_first(most)(actor)]


def order_shape(order: Order | OrderRow, key: str = "") -> dict[str, Any]:
    """The order as the API and the sockets show it; `key` spares a look at the instrument."""
    reason = {"code": order.status_code, "message": order.status_message} if order.status_code else None
    return {
        "id": str(order.id),
        "client_order_id": order.client_order_id,
        "account": str(order.account_id),
        "symbol": key or (order.key if isinstance(order, OrderRow) else order.instrument.key),
        "side": order.side,
        "quantity": order.quantity,
        "filled_quantity": order.filled_quantity,
        "pending_quantity": order.pending_quantity,
        "average_price": price_text(order.average_price),
        "order_type": order.order_type,
        "product": order.product,
        "validity": order.validity,
        "price": price_text(order.price),
        "trigger_price": price_text(order.trigger_price),
        "decision_price": price_text(order.decision_price),
        "disclosed_quantity": order.disclosed_quantity,
        "after_market": order.is_after_market,
        "valid_on": order.valid_on.isoformat(),
        "triggered_at": None if order.triggered_at is None else order.triggered_at.isoformat(),
        "status": order.status,
        "status_reason": reason,
        "origin": order.origin,
        "strategy": order.strategy,
        "tag": order.tag,
        "foreign": order.is_foreign,
        "group": None if order.group_id is None else str(order.group_id),
        "leg": order.leg,
        "broker_order_id": order.broker_order_id,
        "charges": rupee_text(order.charges_paise),
        "created_at": order.created_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
    }


def event_shape(event: OrderEvent) -> dict[str, Any]:
    """One entry of an order's timeline."""
    return {
        "seq": event.seq,
        "type": event.type,
        "status": event.status,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "data": event.data,
    }


def trade_shape(fill: Fill) -> dict[str, Any]:
    """A trade as the API shows it; charges in rupees, line by line."""
    lines = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst")
    return {
        "id": str(fill.id),
        "order": str(fill.order_id),
        "account": str(fill.account_id),
        "symbol": fill.instrument.key,
        "side": fill.side,
        "quantity": fill.quantity,
        "price": price_text(fill.price),
        "charges": {
            "total": str(from_paise(fill.charges_paise)),
            **{line: str(from_paise(getattr(fill, f"{line}_paise"))) for line in lines},
        },
        "traded_at": fill.traded_at.isoformat(),
    }


@lru_cache(maxsize=8192)
def price_text(price: Decimal | None) -> str | None:
    """At least two decimals, and no trailing zeros beyond them."""
    if price is None:
        return None
    shown = price.normalize()
    exponent = shown.as_tuple().exponent
    return format(shown if isinstance(exponent, int) and exponent <= -2 else shown.quantize(PAISA), "f")
