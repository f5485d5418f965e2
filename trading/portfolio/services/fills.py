"""Posting a fill: hold, margin or inventory, realised P&L and charges in one transaction, and the position."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from core import clock, streams
from core.errors import Conflict
from core.money import format_inr, group_indian, to_paise
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.portfolio.domain.charges import Charges
from trading.portfolio.domain.ledger import SourceType, fill_postings
from trading.portfolio.domain.position import PositionFill, apply_fill, share
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.selectors.positions import position_shape
from trading.portfolio.selectors.rates import charges_for, margin_terms
from trading.portfolio.services.deliveries import delivery_note
from trading.portfolio.services.funds import hold_level, hold_write
from trading.portfolio.services.margin import block_change
from trading.portfolio.services.positions import inventory_change, position_for, position_store
from trading.portfolio.services.posting import ledger_post


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFacts:
    """One execution of an order, as portfolio needs it.

    `price` is rupees per unit, `traded_at` market time. `order_value_before` is the rupee value that earlier fills
    of the order had (brokerage is capped per order), `order_pending_quantity` what is left after this fill: the
    order's hold is given back in proportion, and all of it with the last unit. A caller that knows what the order
    holds says so in `held_paise` and saves a query.
    """

    fill_id: UUID
    order_id: UUID
    instrument: Instrument
    product: Product
    side: Side
    quantity: int
    price: Decimal
    traded_at: datetime
    order_pending_quantity: int
    order_value_before: Decimal = Decimal(0)
    strategy: str = ""
    held_paise: int | None = None


@dataclass(frozen=True, slots=True)
class FillResult:
    """What posting a fill came to. `charges` are rupees, to the paisa; the rest is paise."""

    charges: Charges
    position: Position
    realised_pnl_paise: int
    released_hold_paise: int
    hold_paise: int


def fill_post(*, account: TradingAccount, fill: FillFacts) -> FillResult:
    """Post one fill. The caller holds the account lock and has made sure that the fill is new.

    Raises Conflict when it would take a DELIVERY or MTF position short: what is not held cannot be delivered.
    """
    day = clock.trading_date(fill.traded_at)
    charges = charges_for(
        instrument=fill.instrument,
        product=fill.product,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        day=day,
        order_turnover=fill.order_value_before,
        plan=account.brokerage_plan,
    ).rounded()
    position = position_for(
        account=account,
        instrument=fill.instrument,
        product=fill.product,
        strategy=fill.strategy,
        at=fill.traded_at,
    )
    terms = margin_terms(instrument=fill.instrument, product=fill.product, day=day)
    change = apply_fill(position.state, position_fill(fill, charges), terms)
    if fill.product.takes_delivery and change.after.quantity < 0:
        raise Conflict("More would be delivered than is held.", code="delivery_quantity_short")
    held = hold_level(fill.order_id) if fill.held_paise is None else fill.held_paise
    released = share(held, fill.quantity, fill.quantity + fill.order_pending_quantity)
    block = None
    if fill.instrument.underlying:
        block = block_change(account, position, change.after, at=fill.traded_at)
    ledger_post(
        account=account,
        source_type=SourceType.FILL,
        source_id=fill.fill_id,
        postings=fill_postings(
            change,
            inventory_change_paise=inventory_change(position, change.after),
            charges_paise=to_paise(charges.total),
            released_hold_paise=released,
            block_change_paise=block.change_paise if block else 0,
        ),
        at=fill.traded_at,
        description=_story(fill),
    )
    if released:
        hold_write(account=account, order_id=fill.order_id, paise=held - released, exists=True)
    held_before = position.quantity
    position_store(position, change.after, fill.traded_at)
    if fill.product.takes_delivery:
        delivery_note(
            position=position,
            quantity_change=fill.side.sign * fill.quantity,
            held_before=held_before,
            at=fill.traded_at,
        )
    if block is not None:
        block.store()
    streams.append(
        f"positions:{account.id}",
        "position_update",
        position_shape(position, fill.instrument.key, ltp=fill.price),
        organisation_id=account.organisation_id,
    )
    return FillResult(
        charges=charges,
        position=position,
        realised_pnl_paise=change.realised_pnl_paise,
        released_hold_paise=released,
        hold_paise=held - released,
    )


def position_fill(fill: FillFacts, charges: Charges) -> PositionFill:
    """The fill as the pure fold takes it."""
    return PositionFill(
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        day=clock.trading_date(fill.traded_at),
        charges_paise=to_paise(charges.total),
    )


def _story(fill: FillFacts) -> str:
    """The fill as its owner would tell it."""
    verb = "Bought" if fill.side is Side.BUY else "Sold"
    places = max(2, -int(fill.price.normalize().as_tuple().exponent))
    units, price = group_indian(str(fill.quantity)), format_inr(fill.price, places=places)
    return f"{verb} {units} {fill.instrument.symbol} at {price}"
