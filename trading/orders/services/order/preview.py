"""What an order would cost and what would be said to it, without writing anything."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.money import PAISA, from_paise
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.depth import book_measures, execution
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.modification import OrderModification, lowers_risk
from trading.orders.selectors.orders import order_get
from trading.orders.services.order.context import Situation, situation_of
from trading.orders.services.order.gates import UNASKED, Verdict, verdict_on
from trading.orders.services.order.modify import modified_intent
from trading.orders.services.order.submit import intent_check
from trading.portfolio.domain.charges import Charges
from trading.portfolio.selectors import OrderMargin, account_get


@dataclass(frozen=True, slots=True)
class Impact:
    """What the book would do to the order now.

    `expected_price` is the average over the units that would trade at once (rupees), None when none would;
    `slippage` is how much worse that is than the best opposite price, per unit and in basis points of it,
    `cost_bps` how much worse than the mid. `worst_price` is the last one reached. `beyond_quantity` would not trade
    at once, because the book shows no more or the order takes no worse price. `book` is the state of the book, ''
    where no book was looked at.
    """

    quantity: int
    expected_price: Decimal | None
    slippage: Decimal | None
    worst_price: Decimal | None = None
    beyond_quantity: int = 0
    slippage_bps: Decimal | None = None
    cost_bps: Decimal | None = None
    book: str = ""


NO_IMPACT = Impact(0, None, None)


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """`margin_paise` is what would be held without the charges, `margin` how it comes about; `charges` are an
    estimate in rupees. `valid_on` is the exchange's date of the session that the order would be for.
    """

    margin_paise: int
    charges: Charges
    decisions: tuple[GateDecision, ...]
    impact: Impact
    position_after: int
    valid_on: date
    margin: OrderMargin

    @property
    def allowed(self) -> bool:
        return all(decision.allowed for decision in self.decisions)


def order_preview(*, actor: Actor, intent: OrderIntent, is_sliced: bool = False) -> OrderPreview:
    """Judge an order as `order_submit` would, or with `is_sliced` as `order_submit_sliced` would.

    Needs PLACE_ORDERS; raises what a submission would raise.
    """
    actor.require(Permission.PLACE_ORDERS)
    instrument = intent_check(intent, is_sliced=is_sliced)
    account = account_get(actor, intent.account_id)
    situation = situation_of(
        actor=actor, account=account, instrument=instrument, intent=intent, action=OrderAction.PREVIEW
    )
    context = situation.context.as_whole if is_sliced else situation.context
    return _preview(situation, verdict_on(context, today=situation.today))


def modification_preview(*, actor: Actor, order_id: UUID, modification: OrderModification) -> OrderPreview:
    """Judge a modification as `order_modify` would. Needs PLACE_ORDERS; raises what a modification would raise."""
    actor.require(Permission.PLACE_ORDERS)
    order = order_get(actor, order_id)
    account = account_get(actor, order.account_id)
    before, intent = modified_intent(order, modification)
    intent_check(intent)
    situation = situation_of(
        actor=actor,
        account=account,
        instrument=order.instrument,
        intent=intent,
        action=OrderAction.MODIFY,
        order=order,
    )
    spared = lowers_risk(before, intent)
    return _preview(situation, UNASKED if spared else verdict_on(situation.context, today=situation.today))


def _preview(situation: Situation, verdict: Verdict) -> OrderPreview:
    return OrderPreview(
        margin_paise=situation.margin_paise,
        charges=situation.charges,
        decisions=verdict.decisions,
        impact=_impact_now(situation),
        position_after=situation.context.position_after,
        valid_on=situation.valid_on,
        margin=situation.funding.margin,
    )


def _impact_now(situation: Situation) -> Impact:
    """What waits for its session does nothing to the present book."""
    context = situation.context
    if context.waits_for_session:
        return NO_IMPACT
    pending = replace(context.intent, quantity=context.pending_quantity)
    return impact_of(pending, situation.quote, situation.worst_price)


def preview_shape(preview: OrderPreview) -> dict[str, Any]:
    """The preview as the API shows it."""
    return {
        "margin": str(from_paise(preview.margin_paise)),
        "margin_detail": preview.margin.as_strings(),
        "charges": preview.charges.as_strings(),
        "risk": {
            "allowed": preview.allowed,
            "decisions": [decision_shape(decision) for decision in preview.decisions],
        },
        "impact": {
            "quantity": preview.impact.quantity,
            "expected_price": _string(preview.impact.expected_price),
            "slippage": _string(preview.impact.slippage),
            "slippage_bps": _string(preview.impact.slippage_bps),
            "cost_bps": _string(preview.impact.cost_bps),
            "worst_price": _string(preview.impact.worst_price),
            "beyond_quantity": preview.impact.beyond_quantity,
            "book": preview.impact.book or None,
        },
        "position_after": preview.position_after,
        "valid_on": preview.valid_on.isoformat(),
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
    """What the shown book would do to an order that may pay up to `worst_price`; a stop does nothing to it yet."""
    if intent.order_type.is_stop or quote is None or worst_price is None:
        return NO_IMPACT
    is_buy = intent.side is Side.BUY
    book = book_measures(quote.bids, quote.asks)
    taken = execution(
        quote.asks if is_buy else quote.bids,
        intent.quantity,
        is_buy=is_buy,
        worst_price=worst_price,
        mid=book.mid,
    )
    return Impact(
        taken.shown_quantity,
        _paise(taken.average_price),
        _paise(taken.slippage),
        taken.worst_price,
        taken.beyond_quantity,
        taken.slippage_bps,
        taken.cost_bps,
        str(book.state),
    )


def _paise(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(PAISA)


def _string(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
