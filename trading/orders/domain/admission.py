"""What no exchange or ledger would take, whatever a desk's gates allow: checked before any gate is asked."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from core.clock import IST
from core.money import format_inr, from_paise
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.domain.instrument_rules import expiry_violation

from .exchange_rules import exchange_decisions
from .gate import GateDecision, OrderAction, OrderContext
from .intent import Origin
from .stops import is_reached

NO_GATE = GateDecision("none", False, "no_gate", "No pre-trade gate is configured, so nothing trades.")


def admission_decisions(context: OrderContext, *, today: date) -> list[GateDecision]:
    """A decision for each rule, allowed or not; `today` is the trading date in India."""
    return [
        _account_active(context),
        _routable(context),
        _instrument_tradable(context, today),
        _session_fits(context),
        _before_cutoff(context),
        *exchange_decisions(context),
        _priced(context),
        _margined(context),
        _trigger_ahead(context),
        _deliverable(context),
        _funded(context),
    ]


def refusal_of(decisions: Sequence[GateDecision]) -> GateDecision | None:
    """The first decision against the order, None when all allow it."""
    return next((decision for decision in decisions if not decision.allowed), None)


@cache
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


def _session_fits(context: OrderContext) -> GateDecision:
    """An after-market order comes in between sessions, and there is a next one; of any other the gates decide."""
    if not context.waits_for_session:
        return _allow("after_market", "The order is for this session.")
    is_new = context.action is not OrderAction.MODIFY
    if context.session.takes_orders and is_new:
        message = "The market is open; send the order without after_market."
        return GateDecision("after_market", False, "market_open", message)
    if context.session.opens_on is None and not context.session.is_open:
        message = f"The next session is not known: {context.session.reason}"
        return GateDecision("after_market", False, "calendar_unknown", message)
    return _allow("after_market", "The order waits for the next session.")


def _instrument_tradable(context: OrderContext, today: date) -> GateDecision:
    on = context.session.opens_on if context.waits_for_session else today
    expired = expiry_violation(context.instrument.expiry, on=on or today)
    if expired is not None:
        return GateDecision("listing", False, "instrument_expired", expired.message)
    if not context.instrument.is_active:
        return GateDecision("listing", False, "instrument_inactive", "The instrument is not listed any more.")
    return _allow("listing", "The instrument is listed.")


def _before_cutoff(context: OrderContext) -> GateDecision:
    """Once intraday positions are being closed nobody opens a new one; leaving one is always allowed."""
    until = context.session.intraday_until
    intent = context.intent
    # Outside of the session there are other reasons to refuse it.
    is_late = until is not None and context.now >= until and context.session.is_open
    if intent.product is not Product.INTRADAY or not is_late or until is None:
        return _allow("intraday", "Intraday trading goes on.")
    if context.reduces_position or intent.origin is Origin.SYSTEM:
        return _allow("intraday", "The order only closes.")
    at = until.astimezone(IST)
    message = f"Intraday positions are closed from {at:%H:%M} on; use another product or wait for the next session."
    return GateDecision("intraday", False, "intraday_cutoff", message)


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


def _trigger_ahead(context: OrderContext) -> GateDecision:
    """A stop waits for a price that the market has not reached; one that it has would trade at once."""
    side, trigger = context.intent.side, context.intent.trigger_price
    if not context.intent.order_type.is_stop or trigger is None:
        return _allow("trigger", "The order waits for no trigger.")
    if context.quote is None or context.quote.ltp <= 0:
        message = "Without a price nobody can say whether the stop's trigger is ahead."
        return GateDecision("trigger", False, "no_quote", message)
    ltp = context.quote.ltp
    if not is_reached(side, trigger, ltp):
        return _allow("trigger", "The market has not reached the trigger.")
    where = "above" if side is Side.BUY else "below"
    message = f"The last price of {ltp} has reached the trigger: that of a {side} stop lies {where} it."
    return GateDecision("trigger", False, "trigger_crossed", message, limit=str(ltp), used=str(trigger))


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
