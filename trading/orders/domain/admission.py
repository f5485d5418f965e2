"""What no exchange or ledger would take, whatever a desk's gates allow: checked before any gate is asked."""

from collections.abc import Sequence
from datetime import date

from core.money import format_inr, from_paise
from trading.brokers.domain.terms import OrderType, Side
from trading.instruments.domain.instrument_rules import expiry_violation

from .gate import GateDecision, OrderContext

NO_GATE = GateDecision("none", False, "no_gate", "No pre-trade gate is configured, so nothing trades.")


def admission_decisions(context: OrderContext, *, today: date) -> list[GateDecision]:
    """A decision for each rule, allowed or not; `today` is the trading date in India."""
    return [
        _account_active(context),
        _routable(context),
        _instrument_tradable(context, today),
        _priced(context),
        _margined(context),
        _deliverable(context),
        _funded(context),
    ]


def refusal_of(decisions: Sequence[GateDecision]) -> GateDecision | None:
    """The first decision against the order, None when all allow it."""
    return next((decision for decision in decisions if not decision.allowed), None)


def _allow(gate: str, message: str) -> GateDecision:
    return GateDecision(gate, True, "ok", message)


def _account_active(context: OrderContext) -> GateDecision:
    if context.account_is_active:
        return _allow("account", "The account is active.")
    return GateDecision("account", False, "account_inactive", "The trading account is switched off.")


def _routable(context: OrderContext) -> GateDecision:
    if context.route_refusal is None:
        return _allow("route", "There is a way to the account's broker.")
    code, message = context.route_refusal
    return GateDecision("route", False, code, message)


def _instrument_tradable(context: OrderContext, today: date) -> GateDecision:
    expired = expiry_violation(context.instrument.expiry, on=today)
    if expired is not None:
        return GateDecision("listing", False, "instrument_expired", expired.message)
    if not context.instrument.is_active:
        return GateDecision("listing", False, "instrument_inactive", "The instrument is not listed any more.")
    return _allow("listing", "The instrument is listed.")


def _priced(context: OrderContext) -> GateDecision:
    if context.intent.order_type is OrderType.MARKET and context.reference_price is None:
        return GateDecision(
            "valuation",
            False,
            "no_quote",
            "Without a price a MARKET order cannot be valued.",
        )
    return _allow("valuation", "The order can be valued.")


def _margined(context: OrderContext) -> GateDecision:
    if not context.margin_refusal:
        return _allow("margin", "The margin is known.")
    underlying = context.instrument.underlying
    message = f"Without a price of {underlying} the margin cannot be known."
    return GateDecision("margin", False, context.margin_refusal, message)


def _deliverable(context: OrderContext) -> GateDecision:
    intent = context.intent
    needed = context.pending_quantity
    if not intent.product.takes_delivery or intent.side is Side.BUY or needed <= context.deliverable_quantity:
        return _allow("holdings", "Nothing is sold that is not held.")
    return GateDecision(
        "holdings",
        False,
        "insufficient_holdings",
        f"The account can deliver {max(context.deliverable_quantity, 0)} units, the order sells {needed}.",
        limit=str(max(context.deliverable_quantity, 0)),
        used=str(needed),
    )


def _funded(context: OrderContext) -> GateDecision:
    if context.is_funded:
        return _allow("funds", "The funds suffice.")
    needed = format_inr(from_paise(context.hold_needed_paise))
    available = format_inr(from_paise(context.funds_available_paise))
    return GateDecision(
        "funds",
        False,
        "insufficient_funds",
        f"The order needs {needed}, the account has {available} available.",
        limit=str(from_paise(context.funds_available_paise)),
        used=str(from_paise(context.hold_needed_paise)),
    )
