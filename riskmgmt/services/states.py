"""Changing trading states, each change with its history."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import InvalidInput
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Source, State
from riskmgmt.models import TradingState, TradingStateChange

from .notices import tell_risk
from .scopes import scope_lock

LONGEST = timedelta(days=366)


@transaction.atomic
def trading_state_set(
    *, actor: Actor, scope: Scope, state: State, reason: str, expires_at: datetime | None = None
) -> TradingState:
    """Let a scope trade, only reduce, or halt, until `expires_at` or somebody changes it. Needs CHANGE_LIMITS.

    A state set here leaves those of breakers and kill switches alone: the strictest holds. Raises InvalidInput
    (`reason_required`, `invalid_expiry`).
    """
    actor.require(Permission.CHANGE_LIMITS)
    reason = reason.strip()
    if state is not State.ACTIVE and not reason:
        raise InvalidInput("Say why.", code="reason_required", errors={"reason": ["This field may not be blank."]})
    now = clock.now()
    if expires_at is not None and not now < expires_at <= now + LONGEST:
        message = "must lie in the future, within a year"
        raise InvalidInput("That is no expiry.", code="invalid_expiry", errors={"expires_at": [message]})
    scope_lock(scope)
    row = state_write(
        scope,
        source=Source.MANUAL,
        state=state,
        reason=reason,
        by=actor.label,
        by_id=actor.user_id,
        expires_at=None if state is State.ACTIVE else expires_at,
    )
    until = f" until {expires_at.astimezone(clock.IST):%d %b %H:%M}" if row.expires_at and expires_at else ""
    tell_risk(scope, title=f"Trading {state.value.lower()}: {row.scope_label}{until}", body=reason)
    audit_record(
        actor=actor,
        action="risk.trading_state_set",
        object_type="account" if scope.account_id else "organisation",
        object_id=str(scope.account_id or scope.organisation_id),
        data={"state": state.value, "strategy": scope.strategy, "reason": reason, "expires_at": row.expires_at},
    )
    return row


def state_write(
    scope: Scope,
    *,
    source: Source,
    state: State,
    reason: str,
    by: str,
    by_id: UUID | None = None,
    expires_at: datetime | None = None,
    lets_house_exit: bool = False,
    max_order_value: Decimal | None = None,
) -> TradingState:
    """Write what one source says of a scope, with its history. Runs in the caller's transaction."""
    now = clock.now()
    row = (
        TradingState.objects.select_for_update(of=("self",))
        .filter(
            organisation_id=scope.organisation_id,
            account_id=scope.account_id,
            strategy=scope.strategy,
            source=source,
        )
        .first()
    )
    before = State(row.state) if row else State.ACTIVE
    row = row or TradingState(
        organisation_id=scope.organisation_id, account_id=scope.account_id, strategy=scope.strategy, source=source
    )
    row.state, row.reason, row.since, row.expires_at = state, reason[:240], now, expires_at
    row.changed_by_id, row.changed_by_label = by_id, by
    row.lets_house_exit, row.max_order_value = lets_house_exit, max_order_value
    row.save()
    TradingStateChange.objects.create(
        organisation_id=scope.organisation_id,
        account_id=scope.account_id,
        strategy=scope.strategy,
        source=source,
        from_state=before,
        to_state=state,
        reason=reason[:240],
        at=now,
        expires_at=expires_at,
        by_label=by,
    )
    return row


def states_expire(at: datetime) -> int:
    """Put expired states back to ACTIVE, with their history; returns how many. Gates ignore them already."""
    expired = TradingState.objects.filter(expires_at__lte=at).exclude(state=State.ACTIVE)
    return sum(
        _expire(row.pk, Scope(row.organisation_id, row.account_id, None, row.strategy), at) for row in expired
    )


@transaction.atomic
def _expire(row_id: UUID, scope: Scope, at: datetime) -> bool:
    scope_lock(scope)
    row = TradingState.objects.select_for_update(of=("self",)).filter(id=row_id, expires_at__lte=at).first()
    if row is None or row.state == State.ACTIVE:
        return False
    state_write(scope, source=Source(row.source), state=State.ACTIVE, reason="It expired.", by="expiry")
    return True
