"""Trading states and kill switches as people see them, and everything that went wrong, newest first."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.actor import Actor
from core import clock
from riskmgmt.domain.states import State
from riskmgmt.models import BreakerTransition, KillSwitch, RiskDecision, TradingState, TradingStateChange


def states_for(actor: Actor, *, account_id: UUID | None = None) -> list[TradingState]:
    """States that hold trading back now, of scopes that the actor may see; of one account with those above it."""
    now = clock.now()
    rows = TradingState.objects.for_actor(actor).exclude(state=State.ACTIVE).select_related("account")
    if account_id is not None:
        rows = rows.filter(Q(account=None) | Q(account_id=account_id))
    return [row for row in rows.order_by("-since") if row.standing.holds_at(now)]


def state_shape(row: TradingState) -> dict[str, Any]:
    """A state as the API shows it."""
    return {
        "account": str(row.account_id) if row.account_id else None,
        "strategy": row.strategy,
        "level": row.level.value,
        "source": row.source,
        "state": row.state,
        "reason": row.reason,
        "by": row.changed_by_label,
        "since": row.since.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }


def kill_switches_for(
    actor: Actor, *, account_id: UUID | None = None, only_pressed: bool = True
) -> QuerySet[KillSwitch]:
    """Kill switches that are pressed (or all that ever were) in scopes that the actor may see, newest first."""
    rows: QuerySet[KillSwitch] = KillSwitch.objects.for_actor(actor).select_related("account")
    if only_pressed:
        rows = rows.filter(released_at=None)
    if account_id is not None:
        rows = rows.filter(Q(account=None) | Q(account_id=account_id))
    return rows


def kill_switch_shape(switch: KillSwitch) -> dict[str, Any]:
    """A press as the API shows it."""
    return {
        "id": str(switch.id),
        "account": str(switch.account_id) if switch.account_id else None,
        "strategy": switch.strategy,
        "level": switch.level.value,
        "reason": switch.reason,
        "flatten": switch.flatten,
        "pressed_at": switch.pressed_at.isoformat(),
        "pressed_by": switch.pressed_by_label,
        "orders_cancelled": switch.orders_cancelled,
        "positions_closed": switch.positions_closed,
        "release_asked_at": switch.release_asked_at.isoformat() if switch.release_asked_at else None,
        "release_asked_by": switch.release_asked_by_label,
        "released_at": switch.released_at.isoformat() if switch.released_at else None,
        "released_by": switch.released_by_label,
    }


def breaches_for(
    actor: Actor, *, account_id: UUID | None = None, before: datetime | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Refusals, changes of trading states and moves of breakers before an instant, newest first, as shapes.

    At least `limit` of them where there are so many: those of one instant are never torn apart.
    """
    refusals = (
        RiskDecision.objects.for_actor(actor)
        .filter(allowed=False)
        .select_related("account", "order", "order__instrument")
    )
    changes = TradingStateChange.objects.for_actor(actor).select_related("account")
    moves = BreakerTransition.objects.for_actor(actor).select_related("account")
    if account_id is not None:
        refusals, moves = refusals.filter(account_id=account_id), moves.filter(account_id=account_id)
        changes = changes.filter(Q(account=None) | Q(account_id=account_id))
    if before is not None:
        refusals, moves = refusals.filter(at__lt=before), moves.filter(at__lt=before)
        changes = changes.filter(at__lt=before)
    newest = sorted(
        [
            *map(_refusal_shape, refusals.order_by("-id")[:limit]),
            *map(_change_shape, changes.order_by("-id")[:limit]),
            *map(_move_shape, moves.order_by("-id")[:limit]),
        ],
        key=lambda shape: str(shape["at"]),
        reverse=True,
    )
    last = newest[limit - 1]["at"] if len(newest) > limit else ""
    return [shape for shape in newest if shape["at"] >= last]


def _refusal_shape(row: RiskDecision) -> dict[str, Any]:
    order = row.order
    return _breach(
        "REFUSAL",
        row,
        code=row.code,
        message=row.message,
        by=order.placed_by,
        order=str(row.order_id),
        symbol=order.instrument.key,
        strategy=order.strategy,
        limit=row.limit,
        used=row.used,
    )


def _change_shape(row: TradingStateChange) -> dict[str, Any]:
    return _breach(
        "STATE",
        row,
        code=row.to_state,
        message=row.reason,
        by=row.by_label,
        strategy=row.strategy,
        source=row.source,
    )


def _move_shape(row: BreakerTransition) -> dict[str, Any]:
    return _breach("BREAKER", row, code=row.to_state, message=row.reason, by=row.by_label, source=row.cause)


def _breach(kind: str, row: Any, **values: Any) -> dict[str, Any]:
    empty = {"order": None, "symbol": "", "strategy": "", "limit": "", "used": "", "source": ""}
    return {
        "kind": kind,
        "at": row.at.isoformat(timespec="microseconds"),
        "account": str(row.account_id) if row.account_id else None,
        "account_name": row.account.name if row.account_id else "",
        **empty,
        **values,
    }
