"""What the gates decided."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from riskmgmt.models import RiskDecision


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
