"""What live orders have to hold as the position that they would close moves under them.

A share's orders follow its own position; those in futures and options follow every contract of their underlying.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from core import clock
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.orders.domain.funding import in_order_of_closing, opening_quantities
from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.orders.services.order.funding import contract_need, leg_charges
from trading.portfolio.selectors import MarginLeg, OrderMargin, order_cost, orders_margin, position_quantity


def hold_targets(order: Order, *, instrument: Instrument, at: datetime, plan: str) -> list[tuple[Order, int]]:
    """Each live order that `order`'s trades concern, itself included, with what it has to hold in paise.

    Those that give back come first, then the oldest. `plan` is the account's brokerage plan. The caller holds the
    account lock.
    """
    if instrument.underlying:
        targets = _targets_of_underlying(order, instrument, at, plan)
    else:
        targets = _targets_of_position(order, instrument, clock.trading_date(at))
    return sorted(targets, key=lambda target: target[1] > target[0].hold_paise)


def adopted_hold(order: Order, *, instrument: Instrument, at: datetime, plan: str) -> int:
    """What an order that its broker has accepted already has to hold, as if all of a share's order opened.

    A start-up may adopt a thousand of them, so a share's order does not look at the others.
    """
    if instrument.underlying:
        targets = _targets_of_underlying(order, instrument, at, plan)
        return next((paise for claim, paise in targets if claim is order), 0)
    return _target(order, order.pending_quantity, instrument, clock.trading_date(at))


def _targets_of_position(order: Order, instrument: Instrument, day: date) -> list[tuple[Order, int]]:
    """Orders of its side on its position: what only closes holds nothing; what opens keeps what it holds, and at
    least the margin of what it opens."""
    live = Order.objects.filter(
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        side=order.side,
        product=order.product,
        strategy=order.strategy,
        status__in=sorted(LIVE),
    ).order_by("id")
    claims = [order if claim.id == order.id else claim for claim in live]
    if not claims:
        return []
    held = position_quantity(
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        product=order.product,
        strategy=order.strategy,
    )
    opening = opening_quantities(side=Side(order.side), position_quantity=held, claims=claims)
    return [(claim, _target(claim, opening[claim.id], instrument, day)) for claim in claims]


def _target(order: Order, opening: int, instrument: Instrument, day: date) -> int:
    if opening == 0:
        return 0
    if order.worst_price is None:
        return order.hold_paise
    cost = order_cost(
        instrument=instrument,
        product=Product(order.product),
        side=Side(order.side),
        quantity=opening,
        price=order.worst_price,
        day=day,
    )
    return max(order.hold_paise, cost.margin_paise)


def _targets_of_underlying(
    order: Order, instrument: Instrument, at: datetime, plan: str
) -> list[tuple[Order, int]]:
    """Orders in any contract of its underlying, each funded for what its next trade does to the portfolio."""
    live = Order.objects.filter(
        account_id=order.account_id, instrument__underlying=instrument.underlying, status__in=sorted(LIVE)
    ).select_related("instrument")
    claims = [order if claim.id == order.id else claim for claim in live.order_by("id")]
    before = _claimed_before(claims)
    priced = [claim for claim in claims if _price(claim) is not None]
    legs = [_leg(claim, instrument if claim is order else claim.instrument, before[claim.id]) for claim in priced]
    if not legs:
        return []
    margins = orders_margin(account_id=order.account_id, legs=legs, at=at)
    return [
        (claim, _portfolio_target(claim, leg, margin, at, plan))
        for claim, leg, margin in zip(priced, legs, margins, strict=True)
    ]


def _claimed_before(claims: Sequence[Order]) -> dict[UUID, int]:
    """By order, the units that others of its side take of its position first: those that hold least a unit, because
    the others are funded already."""

    def position(claim: Order) -> tuple[int, str, str, str]:
        return claim.instrument_id, claim.side, claim.product, claim.strategy

    taken: dict[UUID, int] = {}
    for _, group in groupby(sorted(claims, key=position), key=position):
        units = 0
        for claim in in_order_of_closing(list(group)):
            taken[claim.id] = units
            units += claim.pending_quantity
    return taken


def _price(order: Order) -> Decimal | None:
    return order.trigger_price if order.worst_price is None else order.worst_price


def _leg(order: Order, instrument: Instrument, exiting: int) -> MarginLeg:
    return MarginLeg(
        instrument=instrument,
        product=Product(order.product),
        side=Side(order.side),
        quantity=order.pending_quantity,
        price=_price(order) or Decimal(0),
        strategy=order.strategy,
        exiting_quantity=exiting,
    )


def _portfolio_target(order: Order, leg: MarginLeg, margin: OrderMargin, at: datetime, plan: str) -> int:
    """Without a price of the underlying an order keeps what it holds: nothing better is known."""
    if margin.refusal:
        return order.hold_paise
    return contract_need(leg, margin, leg_charges(leg, leg.price, at, plan)).paise
