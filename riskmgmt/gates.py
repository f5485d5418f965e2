"""The gate that orders pass before they are routed, as `PRE_TRADE_GATES` names it."""

from collections.abc import Sequence

from core.db import writes
from trading.orders.domain.gate import GateDecision, OrderContext, StoredOrder

from .domain.gates import decide
from .models import RiskDecision
from .selectors import account_limits


class LimitGate:
    """Holds every order against the limits of its account; one query for the limits, one to store the decisions."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        """All decisions, allowed or not, in the order in which they are shown."""
        limits, _ = account_limits(organisation_id=context.organisation_id, account_id=context.account_id)
        return decide(context, limits)

    def record(self, order: StoredOrder, decisions: Sequence[GateDecision]) -> None:
        """Keep the decisions with the order, in its transaction."""
        writes.insert(
            *(
                RiskDecision(
                    organisation_id=order.organisation_id,
                    account_id=order.account_id,
                    order_id=order.id,
                    gate=decision.gate,
                    allowed=decision.allowed,
                    code=decision.code,
                    message=decision.message[:240],
                    limit=decision.limit,
                    used=decision.used,
                )
                for decision in decisions
            )
        )
