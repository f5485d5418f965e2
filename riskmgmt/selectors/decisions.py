"""What the gates decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from riskmgmt.models import RiskDecision


def decisions_for(
    actor: Actor,
    *,
    account_id: UUID | None = None,
    allowed: bool | None = None,
    order_id: UUID | None = None,
    gate: str = "",
    code: str = "",
    key: str = "",
    strategy: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[RiskDecision]:
    """Decisions that the actor may see, newest first; a trader sees those of their own accounts.

    `since` is included, `until` is not; both on the wall clock.
    """
    wanted = {
        "account_id": account_id,
        "allowed": allowed,
        "order_id": order_id,
        "gate": gate or None,
        "code": code or None,
        "order__instrument__key": key or None,
        "order__strategy": strategy or None,
        "at__gte": since,
        "at__lt": until,
    }
    decisions: QuerySet[RiskDecision] = RiskDecision.objects.for_actor(actor).select_related(
        "account", "order", "order__instrument"
    )
    return decisions.filter(**{name: value for name, value in wanted.items() if value is not None})


def decision_shape(decision: RiskDecision) -> dict[str, Any]:
    """A decision as the API shows it."""
    return {
        "id": decision.pk,
        "order": str(decision.order_id),
        "account": str(decision.account_id),
        "symbol": decision.order.instrument.key,
        "strategy": decision.order.strategy,
        "gate": decision.gate,
        "allowed": decision.allowed,
        "code": decision.code,
        "message": decision.message,
        "limit": decision.limit,
        "used": decision.used,
        "at": decision.at.isoformat(),
    }
