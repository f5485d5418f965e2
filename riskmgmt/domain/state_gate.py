"""The gate on trading states: who may open, who may only close, who may not trade at all."""

from core.money import from_paise
from trading.orders.domain.gate import GateDecision, OrderContext
from trading.orders.domain.intent import Origin

from .breaker import Readings, trip_of
from .rules import Rules
from .states import Source, Standing, State
from .verdicts import number, passed, refused

BREAKER_GATE = "circuit_breaker"


def trading_allowed(context: OrderContext, rules: Rules) -> GateDecision:
    """Nobody has stopped trading for the order's organisation, account or strategy."""
    house_exit = context.intent.origin is Origin.SYSTEM and context.reduces_position
    value = context.order_value_paise
    return state_decision(
        rules.standing, reduces=context.reduces_position, house_exit=house_exit, value_paise=value
    )


def breaker_closed(context: OrderContext, rules: Rules) -> GateDecision | None:
    """The account's result does not trip its circuit breaker now; None where no such threshold is set."""
    parameters = rules.breaker
    if parameters.max_loss is None and parameters.max_drawdown is None:
        return None
    peak = max(rules.account.day_peak_paise, 0, context.day_pnl_paise)
    readings = Readings(day_pnl_paise=context.day_pnl_paise, drawdown_paise=peak - context.day_pnl_paise)
    trip = trip_of(readings, parameters)
    if trip is None:
        return passed(BREAKER_GATE, "The circuit breaker is closed.")
    if context.reduces_position and parameters.open_state is State.REDUCING:
        return passed(BREAKER_GATE, "The circuit breaker opens; this order only exits.")
    return refused(BREAKER_GATE, "circuit_breaker_open", trip.reason, used=trip.cause.value)


def state_decision(
    standing: Standing, *, reduces: bool, house_exit: bool, value_paise: int | None = None
) -> GateDecision:
    """What a trading state says of an order that takes a position down or not, worth so much (None: not known)."""
    if standing.state is State.ACTIVE:
        return passed("trading_state", "Trading is active.")
    if standing.state is State.REDUCING and reduces:
        return passed("trading_state", "Only exits pass, and this is one.")
    if standing.admits_value(value_paise):
        limit = "" if standing.most_paise is None else number(from_paise(standing.most_paise))
        return passed("trading_state", "Small enough for a breaker that is half open.", limit=limit)
    if standing.lets_house_exit and house_exit:
        return passed("trading_state", "The house closes positions.")
    where = f"for the {standing.level.lower()}"
    why = f": {standing.reason}" if standing.reason else "."
    if standing.source is Source.KILL_SWITCH:
        return refused("trading_state", "kill_switch", f"The kill switch is pressed {where}{why}")
    if standing.state is State.REDUCING:
        return refused("trading_state", "trading_reducing", f"Only exits pass {where}{why}")
    return refused("trading_state", "trading_halted", f"Trading is halted {where}{why}")
