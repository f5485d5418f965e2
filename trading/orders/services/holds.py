"""What live orders have to hold as the position that they would close moves under them."""

from datetime import date

from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.orders.domain.funding import opening_quantities
from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.portfolio.selectors import order_cost, position_quantity


def hold_targets(order: Order, *, instrument: Instrument, day: date) -> list[tuple[Order, int]]:
    """Each live order of `order`'s side on its position, itself included, with what it has to hold in paise.

    An order that only closes holds nothing; one that opens keeps what it holds, and at least the margin of
    what it opens. Those that give back come first, then the oldest. The caller holds the account lock.
    """
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
    targets = [(claim, _target(claim, opening[claim.id], instrument, day)) for claim in claims]
    return sorted(targets, key=lambda target: target[1] > target[0].hold_paise)


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
