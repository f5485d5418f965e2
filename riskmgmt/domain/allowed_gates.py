"""Gates on what may be traded at all: symbols, products, order types and hours. Exits pass them.

Each says nothing (None) where no such limit is set, so that an order's record lists only what was looked at.
"""

from core.clock import IST
from trading.orders.domain.gate import GateDecision, OrderContext

from .exposure import underlying_of
from .rules import Rules
from .verdicts import passed, refused


def symbol_allowed(context: OrderContext, rules: Rules) -> GateDecision | None:
    """The instrument, or what it is written on, is on the list of every level that has one."""
    lists = rules.limits.allowed_symbols
    if not lists:
        return None
    names = {context.instrument.key, underlying_of(context)}
    if context.reduces_position or all(names & allowed for allowed in lists):
        return passed("allowed_symbols", "The symbol is allowed.", used=context.instrument.key)
    return refused(
        "allowed_symbols",
        "symbol_not_allowed",
        f"{context.instrument.key} is not on the list of allowed symbols.",
        used=context.instrument.key,
    )


def product_allowed(context: OrderContext, rules: Rules) -> GateDecision | None:
    """The product is one of those allowed."""
    return _listed(context, "product", context.intent.product, rules.limits.allowed_products)


def order_type_allowed(context: OrderContext, rules: Rules) -> GateDecision | None:
    """The order type is one of those allowed."""
    return _listed(context, "order_type", context.intent.order_type, rules.limits.allowed_order_types)


def hours_allowed(context: OrderContext, rules: Rules) -> GateDecision | None:
    """New orders come in within the desk's own hours, in India's time."""
    first, last = rules.limits.trading_from, rules.limits.trading_until
    if first is None and last is None:
        return None
    at = context.now.astimezone(IST).time()
    hours = f"{first or '00:00'!s:.5}–{last or '24:00'!s:.5}"
    shown = {"limit": hours, "used": f"{at:%H:%M:%S}"}
    within = (first is None or at >= first) and (last is None or at < last)
    if within or context.reduces_position:
        return passed("hours", "Within the hours of trading.", **shown)
    return refused("hours", "outside_hours", f"New orders are taken {hours} IST.", **shown)


def _listed(context: OrderContext, noun: str, value: str, allowed: frozenset[str] | None) -> GateDecision | None:
    if allowed is None:
        return None
    shown = {"limit": ", ".join(sorted(allowed))[:40], "used": str(value)}
    if context.reduces_position or value in allowed:
        return passed(f"allowed_{noun}s", f"The {noun.replace('_', ' ')} is allowed.", **shown)
    words = ", ".join(sorted(allowed)) or "nothing"
    return refused(
        f"allowed_{noun}s",
        f"{noun}_not_allowed",
        f"{value} is not allowed here; allowed: {words}.",
        **shown,
    )
