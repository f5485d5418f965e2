"""What an order has to hold: margin and premium by its place in the portfolio, and its charges."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from core import clock
from core.money import to_paise
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.orders.domain.funding import FundsNeed, opening_quantity
from trading.orders.domain.intent import OrderIntent
from trading.portfolio.domain.charges import Charges
from trading.portfolio.selectors import MarginLeg, OrderMargin, charges_for, order_cost, order_margin

NOTHING = OrderMargin(0)


@dataclass(frozen=True, slots=True)
class Funding:
    """`need` is what the unfilled part must hold, `charges` its estimate in rupees, `margin` how it comes about."""

    need: FundsNeed
    charges: Charges
    margin: OrderMargin


def funding_of(
    *,
    account_id: UUID,
    instrument: Instrument,
    intent: OrderIntent,
    pending: int,
    worst: Decimal | None,
    valued_at: Decimal | None,
    held: int,
    exiting: int,
    at: datetime,
    plan: str,
) -> Funding:
    """What an order of `pending` units needs; nothing can be said of one without a price.

    `worst` is the worst price it may fill at, None of a stop that will only know when it triggers, `valued_at` the
    highest it may come to (rupees); `held` is the signed position it trades on, `exiting` what other live orders of
    its side close of it.
    """
    if valued_at is None or pending == 0:
        return Funding(FundsNeed(0, 0), Charges(), NOTHING)
    if instrument.underlying:
        price = valued_at if worst is None else worst
        return _by_portfolio(account_id, instrument, intent, pending, price, valued_at, exiting, at, plan)
    cost = order_cost(
        instrument=instrument,
        product=intent.product,
        side=intent.side,
        quantity=pending,
        price=valued_at,
        day=clock.trading_date(at),
        position_quantity=held,
        exiting_quantity=exiting,
        plan=plan,
    )
    opening = opening_quantity(
        side=intent.side, pending_quantity=pending, position_quantity=held, claimed_quantity=exiting
    )
    delivers = intent.product.takes_delivery and intent.side is Side.SELL
    need = FundsNeed(0 if delivers else opening, cost.hold_paise)
    return Funding(need, cost.charges, OrderMargin(cost.margin_paise if need.paise else 0))


def _by_portfolio(
    account_id: UUID,
    instrument: Instrument,
    intent: OrderIntent,
    pending: int,
    price: Decimal,
    valued_at: Decimal,
    exiting: int,
    at: datetime,
    plan: str,
) -> Funding:
    leg = MarginLeg(
        instrument=instrument,
        product=intent.product,
        side=intent.side,
        quantity=pending,
        price=price,
        strategy=intent.strategy,
        exiting_quantity=exiting,
    )
    margin = order_margin(account_id=account_id, leg=leg, at=at)
    charges = leg_charges(leg, valued_at, at, plan)
    return Funding(contract_need(leg, margin, charges), charges, margin)


def leg_charges(leg: MarginLeg, price: Decimal, at: datetime, plan: str | None) -> Charges:
    """The charges of a leg if it filled in full at a price, rounded as posted."""
    return charges_for(
        instrument=leg.instrument,
        product=leg.product,
        side=leg.side,
        quantity=leg.quantity,
        price=price,
        day=clock.trading_date(at),
        plan=plan,
    ).rounded()


def contract_need(leg: MarginLeg, margin: OrderMargin, charges: Charges) -> FundsNeed:
    """What an order in a future or an option holds: what needs no margin holds nothing, not even its charges."""
    if not margin.need_paise:
        return FundsNeed(0, 0)
    return FundsNeed(leg.quantity, margin.need_paise + to_paise(charges.total))
