"""The gate that orders pass before they are routed, as `PRE_TRADE_GATES` names it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core import clock
from core.db import writes
from core.db.prepared import Question
from core.money import to_paise
from trading.brokers.domain.terms import Side
from trading.orders.domain.gate import Coming, GateDecision, OrderAction, OrderContext, StoredOrder
from trading.orders.domain.intent import Origin
from trading.portfolio.selectors import position_quantity

from .domain.breaker import Cause, Trip
from .domain.decide import decide
from .domain.state_gate import BREAKER_GATE, state_decision
from .domain.states import State
from .models import RiskDecision
from .selectors import trading_state
from .selectors.limits import order_limits
from .selectors.rules import limits_of, rules_for
from .selectors.states import trading_state_question
from .services.breakers import breaker_refusals_counted, breaker_trip
from .services.limits import limits_hold


class LimitGate:
    """Holds every order against the trading state and the limits that apply to it."""

    def questions(self, *, organisation_id: UUID, account_id: UUID, strategy: str) -> Sequence[Question[Any]]:
        """The trading state."""
        return [trading_state_question(account_id, strategy, organisation_id=organisation_id)]

    def enter(self, coming: Coming) -> None:
        """Lock the limits that reach beyond the account, of all strategies at once."""
        held = [
            each
            for strategy in sorted(coming.strategies)
            for each in order_limits(
                organisation_id=coming.organisation_id,
                account_id=coming.account_id,
                user_id=coming.user_id,
                owner_id=coming.owner_id,
                strategy=strategy,
            ).wide
        ]
        limits_hold(held)

    def check(self, context: OrderContext) -> list[GateDecision]:
        """All decisions, allowed or not, in the order in which they are shown.

        At most two statements, unless a limit sums over accounts: then the orders that share it come one by one.
        """
        if context.action is not OrderAction.PREVIEW and not context.reduces_position:
            limits_hold(limits_of(context).wide)
        return decide(context, rules_for(context))

    def record(self, order: StoredOrder, decisions: Sequence[GateDecision]) -> None:
        """Keep the decisions with the order, in its transaction; a refusal may trip the circuit breaker there."""
        writes.insert_alike(
            RiskDecision,
            {
                "organisation_id": order.organisation_id,
                "account_id": order.account_id,
                "order_id": order.id,
            },
            [
                {
                    "gate": decision.gate,
                    "allowed": decision.allowed,
                    "code": decision.code,
                    "message": decision.message[:240],
                    "limit": decision.limit,
                    "used": decision.used,
                    "at": clock.wall_now().isoformat(),
                }
                for decision in decisions
            ],
        )
        refused = [decision for decision in decisions if not decision.allowed]
        if refused:
            _trip(order, refused)

    def may_send(self, order: StoredOrder) -> GateDecision:
        """Whether nobody has stopped trading since the order was accepted; one query, two while only exits pass."""
        standing = trading_state(
            order.account_id, order.strategy, clock.now(), organisation_id=order.organisation_id
        )
        reduces = standing.state is not State.ACTIVE and _reduces(order)
        return state_decision(
            standing,
            reduces=reduces,
            house_exit=reduces and order.origin == Origin.SYSTEM,
            value_paise=None if order.worst_price is None else to_paise(order.worst_price * _pending(order)),
        )


def _trip(order: StoredOrder, refused: Sequence[GateDecision]) -> None:
    tripping = next((decision for decision in refused if decision.gate == BREAKER_GATE), None)
    if tripping is not None:
        cause = Cause(tripping.used) if tripping.used in Cause.__members__ else Cause.DAILY_LOSS
        breaker_trip(
            organisation_id=order.organisation_id,
            account_id=order.account_id,
            trip=Trip(cause, tripping.message),
        )
    else:
        breaker_refusals_counted(organisation_id=order.organisation_id, account_id=order.account_id)


def _pending(order: StoredOrder) -> int:
    return order.quantity - order.filled_quantity


def _reduces(order: StoredOrder) -> bool:
    held = position_quantity(
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        product=order.product,
        strategy=order.strategy,
    )
    return held * Side(order.side).sign < 0 and _pending(order) <= abs(held)
