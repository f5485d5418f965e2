"""Gates on the market and on the order by itself, pure: its context and the rules in, one decision each out.

An order that only takes down a position is never held back by a limit on size or loss: a trader who may not
get out loses more than one who may not get in.
"""

from datetime import datetime
from decimal import Decimal

from core.clock import trading_date
from core.money import format_inr, from_paise
from trading.instruments.domain.instrument_rules import Violation, price_violation, quantity_violation
from trading.orders.domain.gate import GateDecision, OrderContext, QuoteFacts
from trading.portfolio.domain.trade import OPTION_TYPES

from .rules import Rules
from .verdicts import number, passed, refused


def _broken(gate: str, violation: Violation, *, used: Decimal | int) -> GateDecision:
    """A rule of the exchange, in the words and under the code that the instruments app has for it."""
    return refused(gate, violation.rule.value, violation.message, limit=number(violation.limit), used=number(used))


def session_open(context: OrderContext, rules: Rules) -> GateDecision:
    """The exchange takes orders at this moment: it trades continuously, or holds its closing auction."""
    if context.session.takes_orders:
        return passed("session", "The market is open.")
    if context.waits_for_session:
        return passed("session", "The order waits for the next session.")
    reason = f" ({context.session.reason.rstrip('.')})" if context.session.reason else ""
    return refused("session", "market_closed", f"The market is closed{reason}.")


def price_fresh(context: OrderContext, rules: Rules) -> GateDecision:
    """The order is decided on a price that is seconds old, from a feed that is alive."""
    if context.quote is None:
        return refused("price", "no_price", "There is no price for this instrument.")
    age = f"{context.quote.age.total_seconds():.1f}"
    if context.waits_for_session:
        return passed("price", "The order is judged by the last price, and again at the opening.", used=age)
    if context.quote.is_stale:
        return refused("price", "stale_price", _what_is_old(context.quote, context.now), used=age)
    return passed("price", f"The last price is {age} s old.", used=age)


def _what_is_old(quote: QuoteFacts, now: datetime) -> str:
    """Why a price is not traded on: the day has none yet, or its last one is too old."""
    day, last = trading_date(now), trading_date(quote.timestamp)
    if last < day:
        return f"There is no price of {day:%-d %B %Y}; the last one is of {last:%-d %B %Y}."
    return f"The last price is {quote.age.total_seconds():.1f} s old."


def lot_whole(context: OrderContext, rules: Rules) -> GateDecision:
    """The quantity is a whole number of lots."""
    lot, quantity = context.instrument.lot_size, context.intent.quantity
    violation = quantity_violation(quantity, lot_size=lot, freeze_quantity=None)
    if violation is not None:
        return _broken("lot", violation, used=quantity)
    return passed("lot", f"A whole number of lots of {lot}.")


def price_on_tick(context: OrderContext, rules: Rules) -> GateDecision:
    """Limit and trigger price lie on the instrument's price grid."""
    tick = context.instrument.tick_size
    for price in (context.intent.price, context.intent.trigger_price):
        violation = None if price is None else price_violation(price, tick_size=tick)
        if price is not None and violation is not None:
            return _broken("tick", violation, used=price)
    return passed("tick", f"On the tick of {number(tick)}.")


def price_in_band(context: OrderContext, rules: Rules) -> GateDecision:
    """A limit price lies within the band around the last traded price: a slip of the finger does not.

    Of a stop it is the trigger that does, and its limit lies within the same band around the trigger.
    """
    price, trigger = context.intent.price, context.intent.trigger_price
    if price is None and trigger is None:
        return passed("price_band", "A market order is bounded by its protection band.")
    if context.quote is None or context.quote.ltp <= 0:
        return refused("price_band", "no_price", "There is no price to measure the band from.")
    ltp = context.quote.ltp
    decision = None
    if trigger is not None:
        decision = _in_band(context, rules, trigger, ltp, code="trigger_out_of_band", what="trigger")
        ltp = trigger
    if price is not None and (decision is None or decision.allowed):
        decision = _in_band(context, rules, price, ltp, code="price_out_of_band", what="price")
    return decision or passed("price_band", "There is no price to look at.")


def _in_band(
    context: OrderContext, rules: Rules, price: Decimal, around: Decimal, *, code: str, what: str
) -> GateDecision:
    is_option = context.instrument.instrument_type in OPTION_TYPES
    band = rules.limits.option_price_band_percent if is_option else rules.limits.price_band_percent
    if band is None:
        return passed("price_band", "No band is set.")
    width = around * band / 100
    # A cheap option's band may be narrower than its grid; a few ticks are never a slip of the finger.
    width = max(width, context.instrument.tick_size * 10) if is_option else width
    low, high = max(around - width, Decimal(0)), around + width
    used, limit = f"{abs(price - around) / around * 100:.2f}", number(band)
    if low <= price <= high:
        of = "last price" if context.quote is not None and around == context.quote.ltp else "trigger"
        return passed("price_band", f"Within {limit} % of the {of}.", limit=limit, used=used)
    return refused(
        "price_band",
        code,
        f"The {what} must lie between {low:.2f} and {high:.2f}, within {limit} % of {around}.",
        limit=limit,
        used=used,
    )


def order_quantity(context: OrderContext, rules: Rules) -> GateDecision:
    """The order's quantity is within the account's limit and the exchange's freeze quantity."""
    quantity, freeze = context.intent.quantity, context.instrument.freeze_quantity
    violation = quantity_violation(quantity, lot_size=1, freeze_quantity=freeze)
    if violation is not None:
        return _broken("order_quantity", violation, used=quantity)
    limit = rules.limits.max_order_quantity
    if limit is None:
        return passed("order_quantity", "No order quantity is set.", used=str(quantity))
    if context.reduces_position or quantity <= limit:
        return passed("order_quantity", "Within the order quantity.", limit=number(limit), used=str(quantity))
    return refused(
        "order_quantity",
        "order_quantity_limit",
        f"An order may be for {number(limit)} units at most.",
        limit=number(limit),
        used=str(quantity),
    )


def order_value(context: OrderContext, rules: Rules) -> GateDecision:
    """The order's value is within the limit."""
    value, limit = from_paise(context.order_value_paise), rules.limits.max_order_value
    if limit is None:
        return passed("order_value", "No order value is set.", used=number(value))
    if context.reduces_position or value <= limit:
        return passed("order_value", "Within the order value.", limit=number(limit), used=number(value))
    return refused(
        "order_value",
        "order_value_limit",
        f"An order may be worth {format_inr(limit)} at most; this one is worth {format_inr(value)}.",
        limit=number(limit),
        used=number(value),
    )


def funds(context: OrderContext, rules: Rules) -> GateDecision:
    """The account can pay for the order; an exit needs nothing and passes even in debt."""
    available, needed = from_paise(context.funds_available_paise), from_paise(context.hold_needed_paise)
    shown = {"limit": number(available), "used": number(needed)}
    if context.is_funded:
        return passed("funds", "The funds suffice.", **shown)
    return refused(
        "funds",
        "insufficient_funds",
        f"The order needs {format_inr(needed)}; {format_inr(available)} is available.",
        **shown,
    )
