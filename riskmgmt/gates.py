"""The gate that orders pass before they are routed, as `PRE_TRADE_GATES` names it."""

from collections.abc import Sequence

from core import clock
from core.db import writes
from trading.brokers.domain.terms import Side
from trading.orders.domain.gate import GateDecision, OrderContext, StoredOrder
from trading.orders.domain.intent import Origin
from trading.portfolio.selectors import position_quantity

from .domain.gates import decide, state_decision, trading_allowed
from .domain.states import State
from .models import RiskDecision
from .selectors import account_limits, trading_state


def _reduces(order: StoredOrder) -> bool:
    held = position_quantity(
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        product=order.product,
        strategy=order.strategy,
    )
    return held * Side(order.side).sign < 0 and order.quantity - order.filled_quantity <= abs(held)


class LimitGate:
    """Holds every order against the limits of its account; one query for the limits, one to store the decisions."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        """All decisions, allowed or not, in the order in which they are shown."""
        standing = trading_state(
            context.account_id, context.intent.strategy, context.now, organisation_id=context.organisation_id
        )
        limits, _ = account_limits(organisation_id=context.organisation_id, account_id=context.account_id)
        return [trading_allowed(context, standing), *decide(context, limits)]

    def may_send(self, order: StoredOrder) -> GateDecision:
        """Whether nobody has stopped trading since the order was accepted; one query, two while only exits pass."""
        standing = trading_state(
            order.account_id, order.strategy, clock.now(), organisation_id=order.organisation_id
        )
        reduces = standing.state is not State.ACTIVE and _reduces(order)
        return state_decision(standing, reduces=reduces, house_exit=reduces and order.origin == Origin.SYSTEM)

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
