"""Carrying a position, or part of it, on as another product: intraday shares into delivery, and the like."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from core import clock
from core.errors import Conflict, InvalidInput
from trading.brokers.domain.terms import Product, Side
from trading.instruments.selectors import segment_for
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind, carried_value_paise
from trading.portfolio.domain.trade import product_allowed
from trading.portfolio.models import Position, PositionEvent, TradingAccount
from trading.portfolio.selectors.dated import square_off_times
from trading.portfolio.selectors.rates import margin_terms
from trading.portfolio.services.events import position_event_post
from trading.portfolio.services.positions import position_for


@dataclass(frozen=True, slots=True)
class Conversion:
    """Both sides after it. `is_new` is False when this conversion was posted before."""

    source: Position
    target: Position
    is_new: bool


@transaction.atomic
def position_convert(
    *,
    account: TradingAccount,
    position: Position,
    quantity: int,
    to_product: Product,
    conversion_id: UUID,
    at: datetime | None = None,
) -> Conversion:
    """Move `quantity` open units (unsigned) at their average cost to the sister position of another product.

    The caller has authorised, and holds the account lock under which it read `position`. No P&L is realised; the
    margin of the units is given back and the other product's blocked, or the shares paid in full. The same
    `conversion_id` twice is one conversion. Raises InvalidInput for a quantity or product that cannot be, Conflict
    for a sister position the other way round (`sister_position_opposite`), for shares that a conversion would
    sell short (`short_not_deliverable`) or that were bought on another day (`not_bought_today`), and
    InsufficientFunds, each with nothing written.
    """
    moment = at or clock.now()
    target = position_for(
        account=account,
        instrument=position.instrument,
        product=to_product,
        strategy=position.strategy,
        at=moment,
    )
    if PositionEvent.objects.filter(
        source_type=PositionEventKind.CONVERSION, source_id=_side_id(conversion_id, "out")
    ).exists():
        return Conversion(position, target, is_new=False)
    _check(position, target, quantity, to_product, moment)
    sign = 1 if position.quantity > 0 else -1
    value = carried_value_paise(position.state, quantity)
    story = f"{quantity} {position.instrument.key} from {position.product.lower()} to {to_product.lower()}"
    data = {"conversion": str(conversion_id), "from": position.product, "to": to_product.value}
    for side, row, change, margin in (
        ("out", position, -sign * quantity, 0),
        ("in", target, sign * quantity, _margin(position, to_product, quantity, sign, moment)),
    ):
        position_event_post(
            account=account,
            position=row,
            facts=EventFacts(
                kind=PositionEventKind.CONVERSION,
                day=clock.trading_date(moment),
                quantity_change=change,
                price=position.average_price if side == "out" else None,
                value_paise=value,
                margin_paise=margin,
            ),
            source_id=_side_id(conversion_id, side),
            at=moment,
            description=f"Converted {story}",
            data=data,
            must_be_funded=side == "in",
        )
    return Conversion(position, target, is_new=True)


def _check(position: Position, target: Position, quantity: int, to_product: Product, at: datetime) -> None:
    if to_product == position.product or not product_allowed(position.instrument.instrument_type, to_product):
        raise _invalid(
            "product", "conversion_not_allowed", f"A {position.product} position cannot become {to_product}."
        )
    if not 0 < quantity <= abs(position.quantity):
        raise _invalid("quantity", "invalid_quantity", f"Between 1 and {abs(position.quantity)} can be converted.")
    if quantity % position.instrument.lot_size:
        lot = position.instrument.lot_size
        raise _invalid("quantity", "not_a_lot_multiple", f"Only multiples of {lot} can be converted.")
    if position.quantity < 0 and to_product.takes_delivery:
        raise Conflict("What was sold short cannot be delivered.", code="short_not_deliverable")
    if position.product == Product.DELIVERY:
        today = position.state.on_day(clock.trading_date(at))
        if quantity > max(0, today.quantity - today.day_open_quantity):
            raise Conflict("Only shares that were bought today can be converted.", code="not_bought_today")
    times = square_off_times(segment_for(position.instrument), clock.trading_date(at))
    if to_product is Product.INTRADAY and times is not None and at >= times.square_off_at:
        raise Conflict("Intraday positions are being closed already.", code="intraday_cutoff")
    if position.quantity * target.quantity < 0:
        raise Conflict(
            f"A {to_product} position of the other side is open; close it first.", code="sister_position_opposite"
        )


def _margin(position: Position, to_product: Product, quantity: int, sign: int, at: datetime) -> int:
    terms = margin_terms(instrument=position.instrument, product=to_product, day=clock.trading_date(at))
    return terms.opening_paise(Side.BUY if sign > 0 else Side.SELL, quantity, position.average_price)


def _invalid(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, errors={field: [message]})


def _side_id(conversion_id: UUID, side: str) -> UUID:
    return uuid5(conversion_id, side)
