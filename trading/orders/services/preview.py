"""What an order would cost and what would be said to it, without writing anything."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.money import PAISA, from_paise
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.matching import match_depth
from trading.portfolio.domain.charges import Charges
from trading.portfolio.selectors import account_get

from .context import situation_of
from .gates import verdict_on
from .submit import intent_check


@dataclass(frozen=True, slots=True)
class Impact:
    """What the book would do to the order now.

    `expected_price` is the average over the units that would trade at once (rupees), None when none would;
    `slippage` is how much worse that is than the best opposite price, per unit.
    """

    quantity: int
    expected_price: Decimal | None
    slippage: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """`margin_paise` is what would be held without the charges; `charges` are an estimate in rupees."""

    margin_paise: int
    charges: Charges
    decisions: tuple[GateDecision, ...]
    impact: Impact
    position_after: int

    @property
    def allowed(self) -> bool:
        return all(decision.allowed for decision in self.decisions)


def order_preview(*, actor: Actor, intent: OrderIntent) -> OrderPreview:
    """Judge an order as `order_submit` would. Needs PLACE_ORDERS; raises what a submission would raise."""
    actor.require(Permission.PLACE_ORDERS)
    instrument = intent_check(intent)
    account = account_get(actor, intent.account_id)
    situation = situation_of(
        actor=actor, account=account, instrument=instrument, intent=intent, action=OrderAction.PREVIEW
    )
    verdict = verdict_on(situation.context, today=situation.today)
    return OrderPreview(
        margin_paise=situation.margin_paise,
        charges=situation.charges,
        decisions=verdict.decisions,
        impact=impact_of(intent, situation.quote, situation.worst_price),
        position_after=situation.context.position_after,
    )


def preview_shape(preview: OrderPreview) -> dict[str, Any]:
    """The preview as the API shows it."""
    return {
        "margin": str(from_paise(preview.margin_paise)),
        "charges": preview.charges.as_strings(),
        "risk": {
            "allowed": preview.allowed,
            "decisions": [decision_shape(decision) for decision in preview.decisions],
        },
        "impact": {
            "quantity": preview.impact.quantity,
            "expected_price": _string(preview.impact.expected_price),
            "slippage": _string(preview.impact.slippage),
        },
        "position_after": preview.position_after,
    }


def decision_shape(decision: GateDecision) -> dict[str, Any]:
    """A gate's decision as the API shows it."""
    return {
        "gate": decision.gate,
        "allowed": decision.allowed,
        "code": decision.code,
        "message": decision.message,
        "limit": decision.limit or None,
        "used": decision.used or None,
    }


def impact_of(intent: OrderIntent, quote: Quote | None, worst_price: Decimal | None) -> Impact:
    if quote is None or worst_price is None:
        return Impact(0, None, None)
    opposite = quote.asks if intent.side is Side.BUY else quote.bids
    result = match_depth(
        side=intent.side,
        quantity=intent.quantity,
        worst_price=worst_price,
        validity=intent.validity,
        opposite=opposite,
    )
    traded = result.filled_quantity
    if traded == 0:
        return Impact(0, None, None)
    expected = sum((match.price * match.quantity for match in result.matches), Decimal(0)) / traded
    slippage = (expected - opposite[0].price) * intent.side.sign
    return Impact(traded, expected.quantize(PAISA), slippage.quantize(PAISA))


def _string(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
