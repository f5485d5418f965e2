"""An order's events in words, for people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.templatetags.desk import price, qty, words
from trading.orders.domain.reasons import CANCEL_MESSAGES
from trading.orders.models import Order, OrderEvent, OrderEventType

E = OrderEventType
GOOD = frozenset({E.TRADED})
BAD = frozenset({E.REFUSED, E.MODIFY_REFUSED, E.CANCEL_FAILED, E.UNKNOWN})


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event: `tone` is "ok", "bad" or empty; `code` is the machine's word for the reason, if there is one."""

    title: str
    text: str
    tone: str
    at: datetime
    actor: str
    status: str
    code: str = ""


def timeline(order: Order, events: Iterable[OrderEvent]) -> list[TimelineEntry]:
    """The order's events, oldest first, each with what happened, by whom and why."""
    return [_entry(order, event) for event in events]


def _entry(order: Order, event: OrderEvent) -> TimelineEntry:
    kind = OrderEventType(event.type)
    tone = "ok" if kind in GOOD else "bad" if kind in BAD else ""
    says = _TEXTS.get(kind)
    code = str(event.data.get("code") or event.data.get("reason") or "")
    text = says(order, event.data) if says else str(event.data.get("message", ""))
    if kind is E.OPENED and event.status == "TRIGGER_PENDING":
        text = f"Waits at the exchange for {_trigger(order, event.data.get('trigger_price'))}."
    return TimelineEntry(_title(kind, event), text, tone, event.at, event.actor, event.status, code)


def _title(kind: OrderEventType, event: OrderEvent) -> str:
    if kind is E.ACCEPTED and event.data.get("valid_on"):
        return "Queued"
    if kind is E.OPENED and event.status == "TRIGGER_PENDING":
        return "Waiting for its trigger"
    return words(kind.value)


def _trigger(order: Order, trigger: Any) -> str:
    way = "rise" if order.side == "BUY" else "fall"
    return f"the last price to {way} to {_price(order, trigger)}"


def _price(order: Order, value: Any) -> str:
    return price(Decimal(str(value)), order.instrument.tick_size) if value is not None else "none"


def _accepted(order: Order, data: dict[str, Any]) -> str:
    if data.get("valid_on"):
        return f"Passed every gate; waits for the session of {date.fromisoformat(data['valid_on']):%d %b %Y}."
    return "Passed every gate; what it needs is set aside."


def _changed(order: Order, data: dict[str, Any]) -> str:
    was = data.get("was", {})
    text = "; ".join(
        f"{words(name).lower()} {_term(order, name, was.get(name))} → {_term(order, name, data[name])}"
        for name in ("order_type", "quantity", "price", "trigger_price", "disclosed_quantity")
        if name in data and data[name] != was.get(name)
    )
    return text[:1].upper() + text[1:]


def _term(order: Order, name: str, value: Any) -> str:
    if name in ("price", "trigger_price"):
        return _price(order, value)
    return str(value) if name == "order_type" else qty(value)


def _routed(order: Order, data: dict[str, Any]) -> str:
    if data.get("restored"):
        return "Comes from a backup: it may have been sent."
    if data.get("broker") == "PAPER":
        return "Sent to the paper exchange."
    return "Being sent to the broker."


def _adopted(order: Order, data: dict[str, Any]) -> str:
    return str(_ADOPTED.get(str(data.get("reason")), "Found at the broker."))


_ADOPTED = {
    "foreign": "Found in the broker's book; it was not sent from here.",
    "late": "Found in the broker's book after the order sent from here was presumed not placed.",
    "doubled": "Found in the broker's book beside the order sent from here.",
}


def _cancelled(order: Order, data: dict[str, Any]) -> str:
    return CANCEL_MESSAGES.get(str(data.get("reason")), "What had not traded was taken back.")


_TEXTS: dict[OrderEventType, Callable[[Order, dict[str, Any]], str]] = {
    E.ACCEPTED: _accepted,
    E.RELEASED: lambda order, data: "Its session has opened, and every gate let it pass again.",
    E.ROUTED: _routed,
    E.UNKNOWN: lambda order, data: (
        "No clear answer: it may or may not be there. It is looked up in the broker's book and never sent again."
    ),
    E.ADOPTED: _adopted,
    E.CANCEL_REQUESTED: lambda order, data: "Asked of the broker; the order stands until its book confirms.",
    E.CANCEL_FAILED: lambda order, data: str(data.get("message") or "The broker did not take the cancel."),
    E.MODIFY_REQUESTED: lambda order, data: "Asked of the broker; the old terms stand until its book confirms.",
    E.OPENED: lambda order, data: "In the exchange's book.",
    E.TRIGGERED: lambda order, data: f"The last price reached {_price(order, data.get('price'))}.",
    E.TRADED: lambda order, data: f"{qty(data['quantity'])} at {_price(order, data['price'])}",
    E.MODIFIED: _changed,
    E.CANCELLED: _cancelled,
    E.EXPIRED: lambda order, data: "The session ended first.",
}
