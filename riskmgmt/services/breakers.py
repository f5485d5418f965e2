"""Moving circuit breakers: in the transaction of an order that trips one, else by the watch of every second."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput
from riskmgmt.domain.breaker import Breaker, BreakerState, Cause, Parameters, Readings, Trip, step
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Source, State
from riskmgmt.models import BreakerRule, BreakerTransition, CircuitBreaker
from riskmgmt.selectors.breakers import breaker_parameters, breaker_value
from riskmgmt.selectors.readings import broker_errors, rejects
from trading.portfolio.selectors import account_get
from trading.portfolio.services import account_lock, account_lock_for

from .notices import tell_risk
from .states import state_write

WATCH = "circuit breaker"


def breaker_trip(*, organisation_id: UUID, account_id: UUID, trip: Trip) -> None:
    """Open a breaker that is not open, in the transaction of what tripped it. The caller holds the account lock."""
    row = _row(organisation_id, account_id)
    if row.state != BreakerState.OPEN:
        _move(row, Breaker(BreakerState.OPEN, clock.now(), trip), by=WATCH)


def breaker_refusals_counted(*, organisation_id: UUID, account_id: UUID) -> None:
    """Open the breaker when an account's refusals have become a storm. The caller holds the account lock.

    For the transaction of a refused order: one statement more, two when it moves.
    """
    parameters = breaker_parameters(organisation_id=organisation_id, account_id=account_id)
    if not parameters.is_enabled or not parameters.reject_count:
        return
    row = CircuitBreaker.objects.filter(account_id=account_id).first()
    if row is not None and row.state == BreakerState.OPEN:
        return
    count = rejects(account_id, since=_window_start(row, parameters.reject_seconds))
    if count >= parameters.reject_count:
        reason = f"{count} orders refused within {parameters.reject_seconds} s."
        breaker_trip(organisation_id=organisation_id, account_id=account_id, trip=Trip(Cause.REJECT_STORM, reason))


@transaction.atomic
def breaker_step(
    *, organisation_id: UUID, account_id: UUID, day_pnl_paise: int, drawdown_paise: int
) -> BreakerState:
    """Move an account's breaker by what is read now; returns where it stands. For the watch, in a system scope."""
    parameters = breaker_parameters(organisation_id=organisation_id, account_id=account_id)
    unlocked = CircuitBreaker.objects.filter(account_id=account_id).first()
    if _stepped(unlocked, account_id, parameters, day_pnl_paise, drawdown_paise) is None:
        return BreakerState(unlocked.state) if unlocked else BreakerState.CLOSED
    account_lock(account_id)
    row = _row(organisation_id, account_id)
    after = _stepped(row, account_id, parameters, day_pnl_paise, drawdown_paise)
    if after is not None:
        _move(row, after, by=WATCH)
    return BreakerState(row.state)


@transaction.atomic
def breaker_reset(*, actor: Actor, account_id: UUID, reason: str) -> CircuitBreaker:
    """Close a breaker by hand. Needs CHANGE_LIMITS. `Conflict` (`breaker_closed`) when it is closed already.

    What tripped it may still hold; then the next second opens it again, and a limit has to be raised first.
    """
    actor.require(Permission.CHANGE_LIMITS)
    if not reason.strip():
        raise InvalidInput("Say why.", code="reason_required", errors={"reason": ["This field may not be blank."]})
    account_get(actor, account_id)
    account_lock_for(actor, account_id)
    row = _row(actor.organisation_id, account_id)
    if row.state == BreakerState.CLOSED:
        raise Conflict("The circuit breaker is closed already.", code="breaker_closed")
    now = clock.now()
    _move(row, Breaker(BreakerState.CLOSED, now, Trip(Cause.MANUAL, reason.strip())), by=actor.label)
    audit_record(
        actor=actor,
        action="risk.breaker_reset",
        object_type="account",
        object_id=str(account_id),
        data={"reason": reason.strip()},
    )
    return row


@transaction.atomic
def breaker_rule_set(*, actor: Actor, account_id: UUID | None, values: Mapping[str, Any]) -> BreakerRule:
    """Set the breaker's parameters from today on, of an account or of the organisation. Needs CHANGE_LIMITS.

    What `values` leaves out stays as the rule in force has it: the account's, the organisation's or the house's.
    """
    actor.require(Permission.CHANGE_LIMITS)
    if account_id is not None:
        account_get(actor, account_id)
    rules = BreakerRule.objects.filter(
        organisation_id=actor.organisation_id, account_id=account_id, valid_from__lte=clock.trading_date()
    )
    rule = rules.select_for_update(of=("self",)).filter(valid_from=clock.trading_date()).first()
    if rule is None:
        before = breaker_parameters(organisation_id=actor.organisation_id, account_id=account_id)
        rule = BreakerRule(
            organisation_id=actor.organisation_id,
            account_id=account_id,
            valid_from=clock.trading_date(),
            **asdict(before),
        )
    for name, value in values.items():
        setattr(rule, name, value)
    rule.save()
    audit_record(
        actor=actor,
        action="risk.breaker_rule_set",
        object_type="account" if account_id else "organisation",
        object_id=str(account_id or actor.organisation_id),
        data={name: None if value is None else str(value) for name, value in values.items()},
    )
    return rule


def _stepped(
    row: CircuitBreaker | None, account_id: UUID, parameters: Parameters, day_pnl_paise: int, drawdown_paise: int
) -> Breaker | None:
    """The breaker after a step, None when it stays."""
    at = clock.now()
    breaker = breaker_value(row) if row else Breaker(BreakerState.CLOSED, at)
    readings = Readings(
        day_pnl_paise=day_pnl_paise,
        drawdown_paise=drawdown_paise,
        rejects=rejects(account_id, since=_window_start(row, parameters.reject_seconds)),
        broker_errors=broker_errors(account_id, since=_window_start(row, parameters.broker_error_seconds)),
    )
    after = step(breaker, readings, parameters, at=at)
    return None if after == breaker else after


def _window_start(row: CircuitBreaker | None, seconds: int) -> Any:
    """What came before the breaker's last move has been answered; one that has no row yet has never moved."""
    start = clock.now() - timedelta(seconds=seconds)
    return start if row is None or row._state.adding else max(start, row.since)


def _row(organisation_id: UUID, account_id: UUID) -> CircuitBreaker:
    row = CircuitBreaker.objects.select_for_update().filter(account_id=account_id).first()
    return row or CircuitBreaker(
        organisation_id=organisation_id,
        account_id=account_id,
        state=BreakerState.CLOSED.value,
        since=clock.now(),
    )


def _move(row: CircuitBreaker, after: Breaker, *, by: str) -> None:
    before = row.state
    row.state, row.since = after.state.value, after.since
    row.cause = after.trip.cause.value if after.trip else ""
    row.reason = after.trip.reason[:240] if after.trip else ""
    row.save()
    BreakerTransition.objects.create(
        organisation_id=row.organisation_id,
        account_id=row.account_id,
        from_state=before,
        to_state=row.state,
        cause=row.cause,
        reason=row.reason,
        at=after.since,
        by_label=by,
    )
    scope = Scope(row.organisation_id, row.account_id)
    parameters = breaker_parameters(organisation_id=row.organisation_id, account_id=row.account_id)
    state_write(
        scope,
        source=Source.BREAKER,
        state=_trading_state(after.state, parameters),
        reason=row.reason or "The circuit breaker closed.",
        by=by,
        max_order_value=parameters.half_open_order_value if after.state is BreakerState.HALF_OPEN else None,
    )
    words = after.state.value.lower().replace("_", "-")
    tell_risk(scope, title=f"Circuit breaker {words}: {row.account.name}", body=row.reason)


def _trading_state(state: BreakerState, parameters: Parameters) -> State:
    match state:
        case BreakerState.CLOSED:
            return State.ACTIVE
        case BreakerState.OPEN:
            return parameters.open_state
        case BreakerState.HALF_OPEN:
            return State.REDUCING
