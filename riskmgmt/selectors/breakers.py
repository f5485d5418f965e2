"""Circuit breakers: the rules that hold and where each stands."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.actor import Actor
from core import clock
from core.db.prepared import Prepared
from riskmgmt.domain.breaker import HOUSE_PARAMETERS, Breaker, BreakerState, Cause, Parameters, Trip
from riskmgmt.models import BreakerRule, BreakerTransition, CircuitBreaker
from riskmgmt.models.limits_cache import remembered
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import accounts_for

# The id of no row.
_NOBODY = UUID(int=0)
_rules_on = Prepared(
    lambda organisation_id, account_id, day: BreakerRule.objects.filter(
        Q(account=None) | Q(account_id=account_id), organisation_id=organisation_id, valid_from__lte=day
    ),
    organisation_id=UUID,
    account_id=UUID,
    day=date,
)


def breaker_parameters(*, organisation_id: UUID, account_id: UUID | None) -> Parameters:
    """The rule that holds for an account (None: for the organisation) today, remembered for a moment."""
    day = clock.trading_date()

    def load() -> Parameters:
        rules = _rules_on(organisation_id=organisation_id, account_id=account_id or _NOBODY, day=day)
        found = sorted(rules, key=lambda rule: (rule.account_id is not None, rule.valid_from))
        return found[-1].parameters if found else HOUSE_PARAMETERS

    parameters: Parameters = remembered(("breaker", organisation_id, account_id, day), load)
    return parameters


def breaker_value(row: CircuitBreaker) -> Breaker:
    """A row as the state machine takes it."""
    trip = Trip(Cause(row.cause), row.reason) if row.cause else None
    return Breaker(BreakerState(row.state), row.since, trip)


def breaker_shapes(actor: Actor, *, account_id: UUID | None = None) -> list[dict[str, Any]]:
    """Every breaker of the accounts that the actor may see, with the rule it follows, as the API shows it."""
    accounts = accounts_for(actor)
    if account_id is not None:
        accounts = accounts.filter(id=account_id)
    listed = list(accounts)
    rows = {row.account_id: row for row in CircuitBreaker.objects.for_actor(actor).filter(account__in=listed)}
    rules = _rules(actor.organisation_id)
    return [
        _shape(account, rows.get(account.id), rules.get(account.id) or rules.get(None) or HOUSE_PARAMETERS)
        for account in listed
    ]


def _rules(organisation_id: UUID) -> dict[UUID | None, Parameters]:
    """The rules in force today, by account; under None that of the organisation."""
    found = BreakerRule.objects.filter(organisation_id=organisation_id, valid_from__lte=clock.trading_date())
    return {rule.account_id: rule.parameters for rule in found.order_by("valid_from")}


def transitions_for(actor: Actor, *, account_id: UUID | None = None) -> QuerySet[BreakerTransition]:
    """Moves of the breakers that the actor may see, newest first."""
    found: QuerySet[BreakerTransition] = BreakerTransition.objects.for_actor(actor).select_related("account")
    return found if account_id is None else found.filter(account_id=account_id)


def _shape(account: TradingAccount, row: CircuitBreaker | None, parameters: Parameters) -> dict[str, Any]:
    return {
        "account": str(account.id),
        "account_name": account.name,
        "state": row.state if row else BreakerState.CLOSED.value,
        "cause": (row.cause or None) if row else None,
        "reason": row.reason if row else "",
        "since": row.since.isoformat() if row else None,
        "parameters": parameters_shape(parameters),
    }


def parameters_shape(parameters: Parameters) -> dict[str, Any]:
    """The thresholds as the API shows them; rupees as strings."""

    def rupees(value: Any) -> str | None:
        return None if value is None else f"{value:.2f}"

    return {
        "enabled": parameters.is_enabled,
        "max_loss": rupees(parameters.max_loss),
        "max_drawdown": rupees(parameters.max_drawdown),
        "reject_count": parameters.reject_count,
        "reject_seconds": parameters.reject_seconds,
        "broker_error_count": parameters.broker_error_count,
        "broker_error_seconds": parameters.broker_error_seconds,
        "cool_off_seconds": parameters.cool_off_seconds,
        "probation_seconds": parameters.probation_seconds,
        "open_state": parameters.open_state.value,
        "half_open_order_value": rupees(parameters.half_open_order_value),
    }
