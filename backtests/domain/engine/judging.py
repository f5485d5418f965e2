"""Whether an order may enter: the house's own rules of admission, asked about the account and market of a run."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from core.money import format_inr, from_paise, to_paise
from riskmgmt.domain.gates import price_fresh, session_open
from riskmgmt.domain.rules import Rules as RiskRules
from trading.brokers.domain.terms import Side
from trading.instruments.domain.instrument_rules import price_violation, quantity_violation
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.admission import admission_decisions
from trading.orders.domain.funding import FundsNeed, opening_quantities, opening_quantity
from trading.orders.domain.gate import (
    GateDecision,
    InstrumentFacts,
    OrderAction,
    OrderContext,
    QuoteFacts,
    SessionFacts,
)
from trading.orders.domain.intent import OrderIntent, shape_errors
from trading.orders.domain.terms import Venue
from trading.orders.domain.valuation import ProtectionBand, valuation_price, worst_price
from trading.portfolio.domain.charges import Charges
from trading.portfolio.domain.trade import product_allowed

from .account import NOTHING_CHARGED, Account, Tariff
from .contract_margins import ContractMargins, ContractOrder
from .data import Listing
from .market import SymbolMarket
from .orders import NO_ACCOUNT, SimOrder

_RISK_RULES = RiskRules()
NOTHING_NEEDED = FundsNeed(0, 0)


class Judgement(Struct, frozen=True):
    """Why an order may not enter (None: it may), its worst price, what it has to hold, and its charges."""

    refusal: GateDecision | None
    worst: Decimal | None
    need: FundsNeed
    charges_paise: int


class Asked(Struct, frozen=True):
    """An order that is asked about; `order` is the one that is changed or released, if it is no new one."""

    intent: OrderIntent
    market: SymbolMarket
    tariff: Tariff
    session: SessionFacts
    action: OrderAction = OrderAction.SUBMIT
    order: SimOrder | None = None
    is_sliced: bool = False


def malformed(intent: OrderIntent, market: SymbolMarket, *, is_sliced: bool = False) -> GateDecision | None:
    """What is wrong with an order on its face: its shape, lots, ticks and product."""
    contract = market.listing.contract
    for errors in shape_errors(intent).values():
        code, message = errors[0]
        return GateDecision("shape", False, code, message)
    freeze = None if is_sliced else contract.freeze_quantity
    violation = quantity_violation(intent.quantity, lot_size=contract.lot_size, freeze_quantity=freeze)
    for price in (intent.price, intent.trigger_price):
        if violation is None and price is not None:
            violation = price_violation(price, tick_size=contract.tick_size)
    if violation is not None:
        return GateDecision("shape", False, violation.rule.value, violation.message)
    if not product_allowed(market.listing.instrument_type, intent.product):
        message = f"{intent.key} cannot be traded as {intent.product}."
        return GateDecision("shape", False, "product_not_allowed", message)
    return None


class Judge:
    """Asks the rules for one account; `protection` is a MARKET order's band in per cent."""

    def __init__(self, account: Account, margins: ContractMargins, protection: Decimal) -> None:
        self._account, self._margins, self._protection = account, margins, protection
        self._facts: dict[str, tuple[Venue, InstrumentFacts]] = {}

    def refusal_of_all(
        self, wanted: Sequence[Asked], live: Sequence[SimOrder], *, now: datetime, today: date
    ) -> GateDecision | None:
        """Why orders cannot all enter: the first that is refused for itself, or the funds for all of them."""
        needed, contracts = 0, []
        for asked in wanted:
            if (refusal := malformed(asked.intent, asked.market)) is not None:
                return refusal
            found = self.judge(asked, live, now=now, today=today, is_funded=True)
            if found.refusal is not None:
                return found.refusal
            if asked.market.listing.underlying:
                contracts.append(contract_order(asked, asked.intent.quantity, found.worst or Decimal(0)))
                # What only closes needs no funds: its charges come out of the proceeds.
                needed += found.charges_paise if found.need.paise else 0
            else:
                needed += found.need.paise
        if self._account.is_endless:
            return None
        margin, code = self._margins.basket_paise(contracts, now) if contracts else (0, "")
        if code:
            return GateDecision("margin", False, code, "The margin of the legs cannot be known.")
        if needed + margin <= self._account.available_paise:
            return None
        need, free = (format_inr(from_paise(each)) for each in (needed + margin, self._account.available_paise))
        message = f"The orders need {need} together, the account has {free} available."
        return GateDecision("funds", False, "insufficient_funds", message)

    def judge(
        self, asked: Asked, live: Sequence[SimOrder], *, now: datetime, today: date, is_funded: bool = False
    ) -> Judgement:
        """Look at the account and the market; `live` are its orders that are not final. With `is_funded` the caller
        has seen to the funds."""
        intent, market, order = asked.intent, asked.market, asked.order
        contract = market.listing.contract
        known = market.latest()
        quote = known if known is not None and market.is_fresh(known) else None
        ltp = None if known is None else known.ltp
        band = ProtectionBand(self._protection, contract.tick_size)
        fixed = order.worst_price if order and asked.action is OrderAction.MODIFY and order.price is None else None
        worst = worst_price(intent, fixed=fixed, ltp=ltp, band=band)
        valued = valuation_price(intent, worst=worst, ltp=ltp, band=band)
        held = self._account.state((intent.key, intent.product, intent.strategy)).quantity
        claims = [each for each in live if _same_position(each, intent) and each.side is intent.side]
        others = [each for each in claims if order is None or each.id != order.id]
        filled = order.filled_quantity if order else 0
        pending = intent.quantity - filled
        exiting = _exiting(claims, intent.side, held, besides=order)
        need, charged, margin_refusal = self._need(asked, pending, worst, valued, held, exiting, now)
        charges_paise = 0 if charged is NOTHING_CHARGED else to_paise(charged.total)
        before = order.hold_paise if order else 0
        sales = sum(each.pending_quantity for each in others) if intent.side is Side.SELL else 0
        context = OrderContext(
            action=asked.action,
            intent=intent,
            order_id=None if order is None else order.id,
            organisation_id=NO_ACCOUNT,
            account_id=NO_ACCOUNT,
            account_is_active=True,
            account_is_paper=True,
            actor_label="",
            instrument=self._instrument(market, known),
            quote=_quote_facts(known, now, is_stale=quote is None),
            session=asked.session,
            position_quantity=held,
            position_after=held + intent.side.sign * pending,
            deliverable_quantity=held - sales,
            claimed_quantity=sum(each.pending_quantity for each in others),
            open_orders=len(live),
            filled_quantity=filled,
            funds_available_paise=self._account.available_paise + before,
            hold_before_paise=before,
            hold_needed_paise=0 if is_funded else need.paise,
            charges_estimate_paise=charges_paise,
            reference_price=valued,
            order_value_paise=0,
            day_pnl_paise=0,
            now=now,
            margin_refusal=margin_refusal,
        )
        return Judgement(_refusal(context, today), worst, need, charges_paise)

    def _instrument(self, market: SymbolMarket, quote: Quote | None) -> InstrumentFacts:
        """The instrument under the venue of the moment; the same object while that is the same."""
        venue = market.venue(quote)
        known = self._facts.get(market.key)
        if known is None or known[0] is not venue:
            known = self._facts[market.key] = venue, _facts(market.listing, venue)
        return known[1]

    def _need(
        self,
        asked: Asked,
        pending: int,
        worst: Decimal | None,
        valued: Decimal | None,
        held: int,
        exiting: int,
        now: datetime,
    ) -> tuple[FundsNeed, Charges, str]:
        """What the order has to hold, its charges, and why its margin cannot be known."""
        intent, tariff = asked.intent, asked.tariff
        if valued is None or pending <= 0 or self._account.is_endless:
            return NOTHING_NEEDED, NOTHING_CHARGED, ""
        if asked.market.listing.underlying:
            price = valued if worst is None else worst
            charged = tariff.charges(intent.side, pending, valued)
            margin, refusal = self._margins.need_paise(contract_order(asked, pending, price, exiting), now)
            return (
                FundsNeed(pending, margin + to_paise(charged.total)) if margin else NOTHING_NEEDED,
                charged,
                refusal,
            )
        opens = opening_quantity(
            side=intent.side, pending_quantity=pending, position_quantity=held, claimed_quantity=exiting
        )
        charged = tariff.charges(intent.side, pending, valued)
        if intent.product.takes_delivery and intent.side is Side.SELL:
            return NOTHING_NEEDED, charged, ""
        cost = tariff.margin.cost_paise(intent.product, intent.side, opens, valued)
        return FundsNeed(opens, cost + to_paise(charged.total)), charged, ""


def contract_order(asked: Asked, pending: int, price: Decimal, exiting: int = 0) -> ContractOrder:
    """An order in a future or an option as its margin sees it."""
    intent = asked.intent
    return ContractOrder(
        asked.market.listing, intent.product, intent.strategy, intent.side, pending, price, exiting
    )


def hold_targets(
    live: Sequence[SimOrder], order: SimOrder, held: int, tariff: Tariff
) -> list[tuple[SimOrder, int]]:
    """What the live orders of a share's position have to hold now that it has moved; those that give back first."""
    claims = [each for each in live if _same_position(each, order.to_intent()) and each.side is order.side]
    opening = opening_quantities(side=order.side, position_quantity=held, claims=claims)
    targets = []
    for claim in claims:
        paise = claim.hold_paise
        if opening[claim.id] == 0:
            paise = 0
        elif claim.worst_price is not None:
            cost = tariff.margin.cost_paise(claim.product, claim.side, opening[claim.id], claim.worst_price)
            paise = max(paise, cost)
        targets.append((claim, paise))
    return sorted(targets, key=lambda target: target[1] > target[0].hold_paise)


def _refusal(context: OrderContext, today: date) -> GateDecision | None:
    decisions = (
        *admission_decisions(context, today=today),
        session_open(context, _RISK_RULES),
        price_fresh(context, _RISK_RULES),
    )
    return next((each for each in decisions if not each.allowed), None)


def _same_position(order: SimOrder, intent: OrderIntent) -> bool:
    return (order.symbol, order.product, order.strategy) == (intent.key, intent.product, intent.strategy)


def _exiting(claims: Sequence[SimOrder], side: Side, held: int, *, besides: SimOrder | None) -> int:
    """What other live orders of the same side close of the position without holding funds for it."""
    if not claims:
        return 0
    opening = opening_quantities(side=side, position_quantity=held, claims=claims)
    return sum(
        claim.pending_quantity - opening[claim.id] for claim in claims if besides is None or claim.id != besides.id
    )


def _facts(listing: Listing, venue: Venue) -> InstrumentFacts:
    contract = listing.contract
    return InstrumentFacts(
        id=0,
        key=contract.symbol,
        exchange=listing.exchange,
        instrument_type=listing.instrument_type,
        underlying=contract.underlying,
        expiry=contract.expiry,
        strike=contract.strike,
        lot_size=contract.lot_size,
        tick_size=contract.tick_size,
        freeze_quantity=contract.freeze_quantity,
        has_derivatives=listing.has_derivatives,
        is_active=contract.is_tradable,
        band=venue.band,
    )


def _quote_facts(quote: Quote | None, now: datetime, *, is_stale: bool) -> QuoteFacts | None:
    if quote is None:
        return None
    return QuoteFacts(
        ltp=quote.ltp,
        previous_close=quote.close,
        bid=quote.bid,
        ask=quote.ask,
        timestamp=quote.timestamp,
        age=now - quote.timestamp,
        is_stale=is_stale,
        source=quote.source,
    )
