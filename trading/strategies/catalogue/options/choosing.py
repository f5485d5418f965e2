"""Finding the contracts that a plan means, now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trading.brokers.domain.terms import Product
from trading.orders.domain.option_choice import ExpiryRule, Right, expiry_chosen
from trading.strategies.domain.context import Context
from trading.strategies.domain.market import Contract

from .book import Leg
from .plan import PlannedLeg, strike_beyond
from .terms import DELTA, EXPIRY, PREMIUM, ROLL, OptionTerms

_NEXT = {
    ExpiryRule.CURRENT_WEEK: ExpiryRule.NEXT_WEEK,
    ExpiryRule.CURRENT_MONTH: ExpiryRule.NEXT_MONTH,
}


@dataclass(frozen=True, slots=True)
class Expiries:
    """The expiry of the legs, and that of later ones; equal where none is later."""

    near: date
    far: date


def expiries_for(
    terms: OptionTerms, listed: Sequence[date], today: date, *, later: ExpiryRule | None, after: date | None
) -> Expiries | None:
    """Which expiries an entry takes today, None when there are none.

    `later` is the rule for legs that live longer, None where there are none. `after` an expiry that was rolled out
    of only later ones count, and what would have to be left today at once is not entered.
    """
    ahead = [each for each in listed if each >= today]
    if terms.until == ROLL:
        ahead = [each for each in ahead if (each - today).days > terms.days_before]
    elif terms.until == EXPIRY:
        ahead = [each for each in ahead if (each - today).days >= terms.days_before]
    if after is not None:
        ahead = [each for each in ahead if each > after]
    near = expiry_chosen(terms.rule, ahead, today=today)
    if near is None and after is not None and ahead:
        near = ahead[0]
    if near is None or not terms.fewest_days <= (near - today).days <= terms.most_days:
        return None
    if later is None:
        return Expiries(near, near)
    far = expiry_chosen(later, listed, today=today)
    if far is None or far <= near:
        far = next((each for each in sorted(listed) if each > near), None)
    return None if far is None else Expiries(near, far)


def next_rule(rule: ExpiryRule) -> ExpiryRule:
    """The rule one expiry on; the next week's and the next month's are the last there are."""
    return _NEXT.get(rule, rule)


def legs_for(ctx: Context, terms: OptionTerms, plan: Sequence[PlannedLeg], expiries: Expiries) -> list[Leg] | None:
    """The plan's legs as contracts, None while one of them is not listed or not priced."""
    leads = _leading(ctx, terms, plan, expiries)
    found = []
    for leg in plan:
        contract = _contract(ctx, leg, leads, expiries)
        if contract is None:
            return None
        found.append((leg, contract))
    option = next(iter(leads.values()))
    if option is None:
        return None
    return [_leg(terms, each, contract, option.lot_size) for each, contract in found]


def _leading(
    ctx: Context, terms: OptionTerms, plan: Sequence[PlannedLeg], expiries: Expiries
) -> dict[Right, Contract | None]:
    found: dict[Right, Contract | None] = {}
    for leg in plan:
        if leg.right is not None and leg.leads:
            expiry = expiries.far if leg.later else expiries.near
            found[leg.right] = _chosen(ctx, terms, leg.right, expiry)
    return found


def _chosen(ctx: Context, terms: OptionTerms, right: Right, expiry: date) -> Contract | None:
    if terms.strike_choice == DELTA:
        return ctx.option(right, expiry=expiry, delta=terms.delta)
    if terms.strike_choice == PREMIUM:
        return ctx.option(right, expiry=expiry, premium=terms.premium)
    return ctx.option(right, expiry=expiry, offset=terms.distance)


def _contract(
    ctx: Context, leg: PlannedLeg, leads: dict[Right, Contract | None], expiries: Expiries
) -> Contract | None:
    if leg.right is None:
        own = ctx.contract()
        return own if own.is_tradable else ctx.future(expiry=expiries.near) or ctx.future()
    lead = leads[leg.right]
    if lead is None or lead.strike is None or leg.leads:
        return lead
    expiry = expiries.far if leg.later else expiries.near
    strike = strike_beyond(list(ctx.strikes(expiries.near)), lead.strike, leg.beyond, leg.right)
    return None if strike is None else ctx.option(leg.right, expiry=expiry, strike=strike)


def _leg(terms: OptionTerms, leg: PlannedLeg, contract: Contract, lot_size: int) -> Leg:
    is_share = leg.right is None and contract.expiry is None
    return Leg(
        symbol=contract.symbol,
        side=leg.side,
        # Of the underlying as many units as the options are of; of its future in whole lots.
        units=max(leg.lots * terms.lots * lot_size // contract.lot_size, 1) * contract.lot_size,
        product=Product.DELIVERY if is_share and terms.carries else terms.option_product(),
        right=leg.right,
        expiry=contract.expiry,
        leads=leg.leads and leg.right is not None,
    )
