"""What an exchange refuses at its door: in a halt, outside the price band, in an auction."""

from trading.brokers.domain.terms import Validity
from trading.instruments.domain.sessions import Phase

from .gate import GateDecision, OrderContext

_NOT_HALTED = GateDecision("halt", True, "ok", "Trading is not halted.")
_NO_AUCTION = GateDecision("auction", True, "ok", "There is no auction.")
_NO_BAND = GateDecision("band", True, "ok", "No price band concerns the order.")


def exchange_decisions(context: OrderContext) -> list[GateDecision]:
    """A decision for each rule, allowed or not."""
    return [_not_halted(context), _fits_auction(context), _within_band(context)]


def _not_halted(context: OrderContext) -> GateDecision:
    if context.session.phase != Phase.HALTED:
        return _NOT_HALTED
    return GateDecision("halt", False, "market_halted", f"Trading is {context.session.reason.rstrip('.')}.")


def _fits_auction(context: OrderContext) -> GateDecision:
    """The closing auction takes MARKET and LIMIT orders that stand until its end and are shown whole."""
    intent = context.intent
    if context.session.phase != Phase.CLOSING_AUCTION or context.waits_for_session:
        return _NO_AUCTION
    if intent.order_type.is_stop:
        return _not_in_auction("a stop order")
    if intent.disclosed_quantity:
        return _not_in_auction("a disclosed quantity")
    if intent.validity is Validity.IOC:
        return _not_in_auction("an IOC order")
    return GateDecision("auction", True, "ok", "The closing auction takes the order.")


def _not_in_auction(what: str) -> GateDecision:
    return GateDecision("auction", False, "not_in_auction", f"The closing auction does not take {what}.")


def _within_band(context: OrderContext) -> GateDecision:
    """A limit or trigger price lies within the day's price band."""
    band = context.instrument.band
    prices = [price for price in (context.intent.price, context.intent.trigger_price) if price is not None]
    if band is None or not prices:
        return _NO_BAND
    limit = f"{band.low:.2f} to {band.high:.2f}"
    outside = next((price for price in prices if not band.holds(price)), None)
    if outside is None:
        return GateDecision("band", True, "ok", f"Within the price band of {limit}.", limit=limit)
    return GateDecision(
        "band",
        False,
        "outside_price_band",
        f"{outside:f} is outside the day's price band of {limit} ({band.percent.normalize():f} %).",
        limit=limit,
        used=f"{outside:f}",
    )
