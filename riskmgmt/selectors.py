"""Reading limits, their use, and the decisions taken under them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.actor import Actor

from .domain.limits import LIMIT_NAMES, Limits, limits_in_force
from .models import RiskDecision, RiskLimit


def account_limits(*, organisation_id: UUID, account_id: UUID | None) -> tuple[Limits, dict[str, str]]:
    """The limits in force for an account (None: the organisation's defaults) and who set each."""
    rows = RiskLimit.objects.filter(organisation_id=organisation_id).filter(
        Q(account=None) | Q(account_id=account_id)
    )
    organisation: dict[str, Decimal | None] = {}
    account: dict[str, Decimal | None] = {}
    for row in rows.values("account_id", *LIMIT_NAMES):
        layer = organisation if row.pop("account_id") is None else account
        layer.update(row)
    return limits_in_force(organisation=organisation, account=account)


def own_limits(*, organisation_id: UUID, account_id: UUID | None) -> dict[str, Decimal | None]:
    """Only what was set at this level; None where the limit is inherited."""
    row = (
        RiskLimit.objects.filter(organisation_id=organisation_id, account_id=account_id)
        .values(*LIMIT_NAMES)
        .first()
    )
    return dict(row) if row else dict.fromkeys(LIMIT_NAMES)


def decisions_for(
    actor: Actor, *, account_id: UUID | None = None, allowed: bool | None = None, order_id: UUID | None = None
) -> QuerySet[RiskDecision]:
    """Decisions that the actor may see, newest first; a trader sees those of their own accounts."""
    decisions: QuerySet[RiskDecision] = RiskDecision.objects.for_actor(actor).select_related(
        "account", "order", "order__instrument"
    )
    if account_id is not None:
        decisions = decisions.filter(account_id=account_id)
    if allowed is not None:
        decisions = decisions.filter(allowed=allowed)
    if order_id is not None:
        decisions = decisions.filter(order_id=order_id)
    return decisions


def decision_shape(decision: RiskDecision) -> dict[str, Any]:
    """A decision as the API shows it."""
    return {
        "id": decision.pk,
        "order": str(decision.order_id),
        "account": str(decision.account_id),
        "gate": decision.gate,
        "allowed": decision.allowed,
        "code": decision.code,
        "message": decision.message,
        "limit": decision.limit,
        "used": decision.used,
        "at": decision.at.isoformat(),
    }
