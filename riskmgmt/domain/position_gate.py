"""The gate on the size of positions: of one in the account, or of an instrument over all that a level reaches."""

from decimal import Decimal

from core.money import format_inr
from trading.orders.domain.gate import GateDecision, OrderContext

from .limits import Reach
from .reach import Measured
from .rules import Rules
from .verdicts import number, passed, refused

GATE = "position_size"


def position_size(context: OrderContext, rules: Rules) -> GateDecision:
    """Positions stay within their limits once the order has filled, and all others of its side with it."""
    if context.reduces_position:
        return passed(GATE, "The order takes the position down.", used=str(abs(context.quantity_at_worst)))
    decisions = [
        *(_quantity(limit, measured) for limit, measured in rules.held("max_position_quantity", context)),
        *(_value(limit, measured) for limit, measured in rules.held("max_position_value", context)),
    ]
    refusal = next((decision for decision in decisions if not decision.allowed), None)
    if refusal is not None:
        return refusal
    held = rules.measured(Reach.ACCOUNT, context).position_quantity
    return max(decisions, key=_use, default=passed(GATE, "No position limit is set.", used=str(held)))


def _use(decision: GateDecision) -> Decimal:
    limit = Decimal(decision.limit)
    return Decimal(decision.used) / limit if limit else Decimal("Infinity")


def _quantity(limit: Decimal, measured: Measured) -> GateDecision:
    quantity = Decimal(measured.position_quantity)
    shown = {"limit": number(limit), "used": number(quantity)}
    if quantity <= limit:
        return passed(GATE, f"Within the position quantity of {measured.words}.", **shown)
    text = f"{_whose(measured)} may hold {number(limit)} units; this would make {number(quantity)}."
    return refused(GATE, "position_quantity_limit", text, **shown)


def _value(limit: Decimal, measured: Measured) -> GateDecision:
    value = measured.position_quantity * (measured.context.reference_price or Decimal(0))
    shown = {"limit": number(limit), "used": number(value)}
    if value <= limit:
        return passed(GATE, f"Within the position value of {measured.words}.", **shown)
    text = f"{_whose(measured)} may be worth {format_inr(limit)}; this would make {format_inr(value)}."
    return refused(GATE, "position_value_limit", text, **shown)


def _whose(measured: Measured) -> str:
    return f"A position of {measured.words}"
