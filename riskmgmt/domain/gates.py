"""The pre-trade gates, pure: an order's context and the limits in, one decision each out.

An order that only takes down a position is never held back by a limit on size or loss: a trader who may not
get out loses more than one who may not get in.
"""

from collections.abc import Callable
from decimal import Decimal

from core.money import format_inr, from_paise
from trading.instruments.domain.instrument_rules import Violation, price_violation, quantity_violation
from trading.orders.domain.gate import GateDecision, OrderContext
from trading.orders.domain.intent import Origin
from trading.portfolio.domain.trade import OPTION_TYPES

from .limits import Limits
from .states import Source, Standing, State

Gate = Callable[[OrderContext, Limits], GateDecision]


def _number(value: Decimal | int) -> str:
    return f"{Decimal(value).normalize():f}"


def _passed(gate: str, message: str, *, limit: str = "", used: str = "") -> GateDecision:
    return GateDecision(gate=gate, allowed=True, code="ok", message=message, limit=limit, used=used)


def _refused(gate: str, code: str, message: str, *, limit: str = "", used: str = "") -> GateDecision:
    return GateDecision(gate=gate, allowed=False, code=code, message=message, limit=limit, used=used)


def _broken(gate: str, violation: Violation, *, used: Decimal | int) -> GateDecision:
    """A rule of the exchange, in the words and under the code that the instruments app has for it."""
    return _refused(
        gate, violation.rule.value, violation.message, limit=_number(violation.limit), used=_number(used)
    )


def trading_allowed(context: OrderContext, standing: Standing) -> GateDecision:
    """Nobody has stopped trading for the order's organisation, account or strategy."""
    house_exit = context.intent.origin is Origin.SYSTEM and context.reduces_position
    return state_decision(standing, reduces=context.reduces_position, house_exit=house_exit)


def state_decision(standing: Standing, *, reduces: bool, house_exit: bool) -> GateDecision:
    """What a trading state says of an order that takes a position down or not."""
    if standing.state is State.ACTIVE:
        return _passed("trading_state", "Trading is active.")
    if standing.state is State.REDUCING and reduces:
        return _passed("trading_state", "Only exits pass, and this is one.")
    if standing.lets_house_exit and house_exit:
        return _passed("trading_state", "The house closes positions.")
    where = f"for the {standing.level.lower()}"
    why = f": {standing.reason}" if standing.reason else "."
    if standing.source is Source.KILL_SWITCH:
        return _refused("trading_state", "kill_switch", f"The kill switch is pressed {where}{why}")
    if standing.state is State.REDUCING:
        return _refused("trading_state", "trading_reducing", f"Only exits pass {where}{why}")
    return _refused("trading_state", "trading_halted", f"Trading is halted {where}{why}")


def session_open(context: OrderContext, limits: Limits) -> GateDecision:
    """The exchange takes orders at this moment: it trades continuously, or holds its closing auction."""
    if context.session.takes_orders:
        return _passed("session", "The market is open.")
    if context.waits_for_session:
        return _passed("session", "The order waits for the next session.")
    reason = f" ({context.session.reason})" if context.session.reason else ""
    return _refused("session", "market_closed", f"The market is closed{reason}.")


def price_fresh(context: OrderContext, limits: Limits) -> GateDecision:
    """The order is decided on a price that is seconds old, from a feed that is alive."""
    if context.quote is None:
        return _refused("price", "no_price", "There is no price for this instrument.")
    age = f"{context.quote.age.total_seconds():.1f}"
    if context.waits_for_session:
        return _passed("price", "The order is judged by the last price, and again at the opening.", used=age)
    if context.quote.is_stale:
        return _refused("price", "stale_price", f"The last price is {age} s old.", used=age)
    return _passed("price", f"The last price is {age} s old.", used=age)


def lot_whole(context: OrderContext, limits: Limits) -> GateDecision:
    """The quantity is a whole number of lots."""
    lot, quantity = context.instrument.lot_size, context.intent.quantity
    violation = quantity_violation(quantity, lot_size=lot, freeze_quantity=None)
    if violation is not None:
        return _broken("lot", violation, used=quantity)
    return _passed("lot", f"A whole number of lots of {lot}.")


def price_on_tick(context: OrderContext, limits: Limits) -> GateDecision:
    """Limit and trigger price lie on the instrument's price grid."""
    tick = context.instrument.tick_size
    for price in (context.intent.price, context.intent.trigger_price):
        violation = None if price is None else price_violation(price, tick_size=tick)
        if price is not None and violation is not None:
            return _broken("tick", violation, used=price)
    return _passed("tick", f"On the tick of {_number(tick)}.")


def price_in_band(context: OrderContext, limits: Limits) -> GateDecision:
    """A limit price lies within the band around the last traded price: a slip of the finger does not.

    Of a stop it is the trigger that does, and its limit lies within the same band around the trigger.
    """
    price, trigger = context.intent.price, context.intent.trigger_price
    if price is None and trigger is None:
        return _passed("price_band", "A market order is bounded by its protection band.")
    if context.quote is None or context.quote.ltp <= 0:
        return _refused("price_band", "no_price", "There is no price to measure the band from.")
    ltp = context.quote.ltp
    decision = None
    if trigger is not None:
        decision = _in_band(context, limits, trigger, ltp, code="trigger_out_of_band", what="trigger")
        ltp = trigger
    if price is not None and (decision is None or decision.allowed):
        decision = _in_band(context, limits, price, ltp, code="price_out_of_band", what="price")
    return decision or _passed("price_band", "There is no price to look at.")


def _in_band(
    context: OrderContext, limits: Limits, price: Decimal, around: Decimal, *, code: str, what: str
) -> GateDecision:
    is_option = context.instrument.instrument_type in OPTION_TYPES
    band = limits.option_price_band_percent if is_option else limits.price_band_percent
    width = around * band / 100
    # A cheap option's band may be narrower than its grid; a few ticks are never a slip of the finger.
    width = max(width, context.instrument.tick_size * 10) if is_option else width
    low, high = max(around - width, Decimal(0)), around + width
    used, limit = f"{abs(price - around) / around * 100:.2f}", _number(band)
    if low <= price <= high:
        of = "last price" if context.quote is not None and around == context.quote.ltp else "trigger"
        return _passed("price_band", f"Within {limit} % of the {of}.", limit=limit, used=used)
    return _refused(
        "price_band",
        code,
        f"The {what} must lie between {low:.2f} and {high:.2f}, within {limit} % of {around}.",
        limit=limit,
        used=used,
    )


def order_quantity(context: OrderContext, limits: Limits) -> GateDecision:
    """The order's quantity is within the account's limit and the exchange's freeze quantity."""
    quantity, freeze = context.intent.quantity, context.instrument.freeze_quantity
    violation = quantity_violation(quantity, lot_size=1, freeze_quantity=freeze)
    if violation is not None:
        return _broken("order_quantity", violation, used=quantity)
    limit = limits.max_order_quantity
    if context.reduces_position or quantity <= limit:
        return _passed("order_quantity", "Within the order quantity.", limit=_number(limit), used=str(quantity))
    return _refused(
        "order_quantity",
        "order_quantity_limit",
        f"An order may be for {_number(limit)} units at most.",
        limit=_number(limit),
        used=str(quantity),
    )


def order_value(context: OrderContext, limits: Limits) -> GateDecision:
    """The order's value is within the limit."""
    value, limit = from_paise(context.order_value_paise), limits.max_order_value
    if context.reduces_position or value <= limit:
        return _passed("order_value", "Within the order value.", limit=_number(limit), used=_number(value))
    return _refused(
        "order_value",
        "order_value_limit",
        f"An order may be worth {format_inr(limit)} at most; this one is worth {format_inr(value)}.",
        limit=_number(limit),
        used=_number(value),
    )


def position_size(context: OrderContext, limits: Limits) -> GateDecision:
    """The position stays within its limits once the order has filled, and all others of its side with it."""
    quantity = abs(context.quantity_at_worst)
    if context.reduces_position:
        return _passed("position_size", "The order takes the position down.", used=str(quantity))
    if quantity > limits.max_position_quantity:
        return _refused(
            "position_size",
            "position_quantity_limit",
            f"A position may hold {_number(limits.max_position_quantity)} units; this would make {quantity}.",
            limit=_number(limits.max_position_quantity),
            used=str(quantity),
        )
    value, limit = quantity * (context.reference_price or Decimal(0)), limits.max_position_value
    if value <= limit:
        return _passed("position_size", "Within the position value.", limit=_number(limit), used=_number(value))
    return _refused(
        "position_size",
        "position_value_limit",
        f"A position may be worth {format_inr(limit)}; this would make {format_inr(value)}.",
        limit=_number(limit),
        used=_number(value),
    )


def daily_loss(context: OrderContext, limits: Limits) -> GateDecision:
    """The day's loss has not reached its limit; exits always pass."""
    loss, limit = max(from_paise(-context.day_pnl_paise), Decimal(0)), limits.max_daily_loss
    shown = {"limit": _number(limit), "used": _number(loss)}
    if loss < limit:
        return _passed("daily_loss", "Within the day's loss limit.", **shown)
    if context.reduces_position:
        return _passed("daily_loss", "The day's loss limit is reached; this order only exits.", **shown)
    return _refused(
        "daily_loss",
        "daily_loss_limit",
        f"The day's loss of {format_inr(loss)} has reached its limit; only exits pass.",
        **shown,
    )


def open_orders(context: OrderContext, limits: Limits) -> GateDecision:
    """The account does not work more orders at once than it may; `open_orders` leaves this one out."""
    count, limit = context.open_orders + 1, limits.max_open_orders
    shown = {"limit": _number(limit), "used": str(count)}
    if context.reduces_position or count <= limit:
        return _passed("open_orders", "Within the number of open orders.", **shown)
    return _refused("open_orders", "open_orders_limit", f"{_number(limit)} orders may be open at once.", **shown)


def funds(context: OrderContext, limits: Limits) -> GateDecision:
    """The account can pay for the order; an exit needs nothing and passes even in debt."""
    available, needed = from_paise(context.funds_available_paise), from_paise(context.hold_needed_paise)
    shown = {"limit": _number(available), "used": _number(needed)}
    if context.is_funded:
        return _passed("funds", "The funds suffice.", **shown)
    return _refused(
        "funds",
        "insufficient_funds",
        f"The order needs {format_inr(needed)}; {format_inr(available)} is available.",
        **shown,
    )


# In the order in which they are shown: first whether one can trade at all, then the order, then the account.
GATES: tuple[Gate, ...] = (
    session_open,
    price_fresh,
    lot_whole,
    price_on_tick,
    price_in_band,
    order_quantity,
    order_value,
    position_size,
    daily_loss,
    open_orders,
    funds,
)


def decide(context: OrderContext, limits: Limits) -> list[GateDecision]:
    """Every gate's decision; the order may go on only if all allow it."""
    return [gate(context, limits) for gate in GATES]
