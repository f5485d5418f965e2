"""All gates, in the order in which their decisions are shown."""

from collections.abc import Callable

from trading.orders.domain.gate import GateDecision, OrderContext

from .allowed_gates import hours_allowed, order_type_allowed, product_allowed, symbol_allowed
from .gates import (
    funds,
    lot_whole,
    order_quantity,
    order_value,
    price_fresh,
    price_in_band,
    price_on_tick,
    session_open,
)
from .position_gate import position_size
from .rules import Rules
from .running_gates import RUNNING_GATES, profit_lock
from .state_gate import breaker_closed, trading_allowed

Gate = Callable[[OrderContext, Rules], GateDecision | None]

# First whether one can trade at all, then the order, then the account. None: no such limit is set.
GATES: tuple[Gate, ...] = (
    trading_allowed,
    breaker_closed,
    session_open,
    hours_allowed,
    price_fresh,
    symbol_allowed,
    product_allowed,
    order_type_allowed,
    lot_whole,
    price_on_tick,
    price_in_band,
    order_quantity,
    order_value,
    position_size,
    *RUNNING_GATES,
    profit_lock,
    funds,
)


def decide(context: OrderContext, rules: Rules) -> list[GateDecision]:
    """Every gate's decision; the order may go on only if all allow it."""
    decisions = (gate(context, rules) for gate in GATES)
    return [decision for decision in decisions if decision is not None]
