"""Triggers for tests: short ways to ask for one, to move the price, and to see what stands."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from core.tenancy import system_scope
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.states import LIVE
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.states import Direction, LegRole, TriggerKind
from trading.orders.models import Order, Trigger, TriggerEvent, TriggerLeg
from trading.orders.monitor.sweep import sweep_triggers
from trading.orders.services import order_submit
from trading.orders.services.triggers import trigger_create
from trading.portfolio.models import Position

TICK = Decimal("0.05")
DEEP = 100_000


def leg(role: str, at: object = None, order_type: str = "", **values: Any) -> LegIntent:
    """A leg as asked for: a target is a LIMIT order, anything else MARKET, unless said otherwise."""
    plain = OrderType.LIMIT if role == "TARGET" or "price" in values else OrderType.MARKET
    direction = values.pop("direction", None)
    return LegIntent(
        LegRole(role),
        OrderType(order_type) if order_type else plain,
        None if at is None else Decimal(str(at)),
        direction=None if direction is None else Direction(direction),
        **{name: Decimal(str(value)) for name, value in values.items()},
    )


def ask(desk: Desk, kind: str, *legs: LegIntent, side: Side = Side.SELL, **changes: Any) -> TriggerIntent:
    values: dict[str, Any] = {
        "account_id": desk.account.id,
        "key": desk.instrument.key,
        "kind": TriggerKind(kind),
        "side": side,
        "quantity": 10,
        "product": Product.INTRADAY,
        "legs": legs,
        "client_order_id": uuid4().hex,
    }
    return TriggerIntent(**{**values, **changes})


def create(desk: Desk, kind: str, *legs: LegIntent, **changes: Any) -> Trigger:
    return trigger_create(actor=desk.trader, intent=ask(desk, kind, *legs, **changes))


def price(ltp: object, *, depth: int = DEEP, key: str = "NSE:RELIANCE") -> Quote:
    """A market at this price, a tick wide and deep."""
    at = Decimal(str(ltp))
    return show_book(ltp=str(at), bids=[(str(at - TICK), depth)], asks=[(str(at), depth)], key=key)


def tick(ltp: object, *, depth: int = DEEP, key: str = "NSE:RELIANCE") -> Quote:
    """The price moves, and the sweep looks."""
    quote = price(ltp, depth=depth, key=key)
    with system_scope():
        sweep_triggers()
    return quote


def hold(desk: Desk, quantity: int = 10, side: Side = Side.BUY, **changes: Any) -> None:
    """Open a position at market."""
    order = order_submit(actor=desk.trader, intent=desk.intent(side, quantity, **changes))
    assert order.status == "FILLED", (order.status, order.status_code)


def held(desk: Desk) -> int:
    return sum(Position.objects.filter(account=desk.account).values_list("quantity", flat=True))


def status(trigger: Trigger) -> str:
    return Trigger.objects.get(id=trigger.id).status


def statuses(trigger: Trigger) -> dict[str, str]:
    return dict(TriggerLeg.objects.filter(trigger=trigger).values_list("role", "status"))


def live(trigger: Trigger) -> list[Order]:
    return list(Order.objects.filter(trigger=trigger, status__in=sorted(LIVE)).order_by("id"))


def happened(trigger: Trigger) -> list[str]:
    return list(TriggerEvent.objects.filter(trigger=trigger).order_by("seq").values_list("type", flat=True))
