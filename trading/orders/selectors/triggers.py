"""Reads of triggers, their legs and their history."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from accounts.domain.actor import Actor
from core.db.pipeline import Statement, run_all
from core.errors import NotFound
from trading.instruments.models import Instrument
from trading.orders.domain.triggers.crossing import Trail
from trading.orders.domain.triggers.states import (
    OPEN_TRIGGERS,
    WATCHED_TRIGGERS,
    Direction,
    LegRole,
    LegStatus,
    TriggerStatus,
)
from trading.orders.models import Order, Trigger, TriggerEvent, TriggerLeg
from trading.orders.selectors.orders import price_text

_LEG_ORDER = {LegRole.ENTRY: 0, LegRole.SINGLE: 1, LegRole.TARGET: 2, LegRole.STOP: 3}


def triggers_for(actor: Actor) -> QuerySet[Trigger]:
    """Triggers of the accounts that the actor may see, newest first, with instrument and legs."""
    found: QuerySet[Trigger] = Trigger.objects.for_actor(actor).select_related("instrument")
    return found.prefetch_related(Prefetch("legs", TriggerLeg.objects.all()))


def trigger_get(actor: Actor, trigger_id: UUID) -> Trigger:
    """One trigger that the actor may see; any other is NotFound."""
    trigger = triggers_for(actor).filter(id=trigger_id).first()
    if trigger is None:
        raise NotFound("There is no such trigger.", code="unknown_trigger")
    return trigger


def triggers_filtered(
    actor: Actor,
    *,
    statuses: Iterable[str] = (),
    kinds: Iterable[str] = (),
    key: str = "",
    account_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Trigger]:
    """Triggers by status, kind, instrument, account and time of creation (`since` included, `until` not)."""
    conditions: dict[str, Any] = {
        "status__in": list(statuses),
        "kind__in": list(kinds),
        "instrument__key": key,
        "account_id": account_id,
        "created_at__gte": since,
        "created_at__lt": until,
    }
    return triggers_for(actor).filter(**{name: value for name, value in conditions.items() if value})


def trigger_events(trigger: Trigger) -> QuerySet[TriggerEvent]:
    """The trigger's history, oldest first. `trigger` comes from `trigger_get`."""
    return TriggerEvent.objects.filter(trigger_id=trigger.id).order_by("seq")


def trigger_orders(trigger: Trigger) -> QuerySet[Order]:
    """The orders that the trigger has placed, oldest first. `trigger` comes from `trigger_get`."""
    orders = Order.objects.filter(trigger_id=trigger.id).select_related("instrument", "trigger_leg")
    return orders.order_by("created_at", "id")


def triggers_open(actor: Actor) -> QuerySet[Trigger]:
    """Those that wait, are watched or are in alarm."""
    return triggers_for(actor).filter(status__in=sorted(OPEN_TRIGGERS))


def triggers_in_alarm(actor: Actor) -> QuerySet[Trigger]:
    """Those whose exit was refused and has not gone out since, the longest in alarm first."""
    return triggers_for(actor).filter(status=TriggerStatus.ALARM).order_by("alarm_since")


@dataclass(frozen=True, slots=True)
class WatchedLeg:
    """What the monitor needs to know of a leg that waits for its price."""

    leg_id: UUID
    account_id: UUID
    key: str
    tick_size: Decimal
    direction: Direction
    trigger_price: Decimal
    trail: Trail | None
    peak_price: Decimal | None


def watched_legs(keys: Iterable[str] | None = None) -> list[WatchedLeg]:
    """Armed legs of all tenants, on these instruments or on any. Needs a system scope.

    A bracket's target that rests in the market is not among them, nor the exits of what has not been entered yet.
    """
    armed = _armed()
    return _as_watched(armed if keys is None else armed.filter(trigger__instrument__key__in=list(keys)))


def watched_keys() -> set[str]:
    """The instruments that triggers of any tenant are watched for. Needs a system scope."""
    watched = Trigger.objects.filter(status__in=sorted(WATCHED_TRIGGERS)).values("instrument_id")
    return set(Instrument.objects.filter(id__in=watched).values_list("key", flat=True))


def reached_legs(prices: Mapping[str, Decimal]) -> list[WatchedLeg]:
    """Of the armed legs of all tenants those that these last prices cross, or whose peak they pass.

    The database compares, so that thousands of legs that wait are not read each second. Needs a system scope.
    """
    if not prices:
        return []
    told = json.dumps({key: str(price) for key, price in prices.items()})
    found = run_all([Statement(_reached(connection.vendor), [told])])[0] or []
    ids = [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in found]
    return _as_watched(_armed().filter(id__in=ids)) if ids else []


def _armed() -> QuerySet[TriggerLeg]:
    return TriggerLeg.objects.filter(
        status=LegStatus.ARMED, trigger__status__in=sorted(WATCHED_TRIGGERS), trigger_price__isnull=False
    )


# `domain.triggers.crossing`: what is crossed fires, and a peak that is passed moves its stop.
_REACHED = """
SELECT leg.id
FROM {prices} AS latest
JOIN instruments_instrument AS instrument ON instrument.key = latest.key
JOIN orders_trigger AS owner ON owner.instrument_id = instrument.id AND owner.status IN ({watched})
JOIN orders_triggerleg AS leg ON leg.trigger_id = owner.id AND leg.status = 'ARMED'
WHERE leg.direction = 'BELOW' AND (latest.price <= leg.trigger_price OR latest.price > leg.peak_price)
   OR leg.direction = 'ABOVE' AND (latest.price >= leg.trigger_price OR latest.price < leg.peak_price)
"""
_PRICES = {
    "postgresql": "(SELECT key, value::numeric AS price FROM jsonb_each_text(%s))",
    "sqlite": "(SELECT key, CAST(value AS NUMERIC) AS price FROM json_each(%s))",
}


@cache
def _reached(vendor: str) -> str:
    watched = ", ".join(f"'{status}'" for status in sorted(WATCHED_TRIGGERS))
    return _REACHED.format(prices=_PRICES[vendor], watched=watched)


def _as_watched(legs: QuerySet[TriggerLeg]) -> list[WatchedLeg]:
    rows = legs.order_by().values_list(
        "id",
        "trigger__account_id",
        "trigger__instrument__key",
        "trigger__instrument__tick_size",
        "direction",
        "trigger_price",
        "trail_points",
        "trail_percent",
        "peak_price",
    )
    return [_watched(row) for row in rows.iterator(chunk_size=2000)]


_DIRECTIONS = {str(direction): direction for direction in Direction}


def _watched(row: Sequence[Any]) -> WatchedLeg:
    points, percent = row[6], row[7]
    trail = None if points is None and percent is None else Trail(points, percent)
    return WatchedLeg(row[0], row[1], row[2], row[3], _DIRECTIONS[row[4]], row[5], trail, row[8])


@dataclass(frozen=True, slots=True)
class DueLeg:
    """A refused exit whose next attempt is due."""

    leg_id: UUID
    account_id: UUID
    key: str


def due_legs(at: datetime) -> list[DueLeg]:
    """Refused exits of all tenants that are to be tried again by `at`. Needs a system scope."""
    due = TriggerLeg.objects.filter(
        status=LegStatus.REFUSED, next_attempt_at__lte=at, trigger__status__in=sorted(WATCHED_TRIGGERS)
    )
    rows = due.order_by("next_attempt_at").values_list("id", "trigger__account_id", "trigger__instrument__key")
    return [DueLeg(*row) for row in rows]


def over_by(day: date) -> list[tuple[UUID, UUID]]:
    """Open triggers (id, account) whose last day was before `day`. Needs a system scope."""
    over = Trigger.objects.filter(status__in=sorted(OPEN_TRIGGERS), expires_on__lt=day)
    return list(over.order_by("account_id", "id").values_list("id", "account_id"))


def trigger_shape(trigger: Trigger, legs: Iterable[TriggerLeg], *, key: str = "") -> dict[str, Any]:
    """The trigger as the API and the sockets show it."""
    reason = {"code": trigger.status_code, "message": trigger.status_message} if trigger.status_code else None
    return {
        "id": str(trigger.id),
        "client_order_id": trigger.client_order_id,
        "account": str(trigger.account_id),
        "symbol": key or trigger.instrument.key,
        "kind": trigger.kind,
        "side": trigger.side,
        "exit_side": str(trigger.exit_side),
        "quantity": trigger.quantity,
        "entry_quantity": trigger.entry_quantity,
        "filled_quantity": trigger.filled_quantity,
        "remaining_quantity": trigger.remaining_quantity,
        "product": trigger.product,
        "strategy": trigger.strategy,
        "protects": trigger.protects,
        "expires_on": trigger.expires_on.isoformat(),
        "note": trigger.note,
        "origin": trigger.origin,
        "status": trigger.status,
        "status_reason": reason,
        "alarm_since": _instant(trigger.alarm_since),
        "legs": [leg_shape(leg) for leg in sorted(legs, key=lambda leg: _LEG_ORDER[LegRole(leg.role)])],
        "created_at": trigger.created_at.isoformat(),
        "updated_at": trigger.updated_at.isoformat(),
    }


def leg_shape(leg: TriggerLeg) -> dict[str, Any]:
    """One leg as the API shows it; prices in rupees."""
    return {
        "role": leg.role,
        "direction": leg.direction or None,
        "trigger_price": price_text(leg.trigger_price),
        "order_type": leg.order_type,
        "price": price_text(leg.price),
        "trail_points": price_text(leg.trail_points),
        "trail_percent": price_text(leg.trail_percent),
        "peak_price": price_text(leg.peak_price),
        "status": leg.status,
        "attempts": leg.attempts,
        "next_attempt_at": _instant(leg.next_attempt_at),
    }


def trigger_event_shape(event: TriggerEvent) -> dict[str, Any]:
    """One entry of a trigger's history."""
    return {
        "seq": event.seq,
        "type": event.type,
        "status": event.status,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "data": event.data,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
