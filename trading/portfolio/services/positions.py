"""Position rows: finding or making the one a fill or an event is for, and storing what a fold came to."""

from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

from core.db import writes
from core.db.prepared import Prepared
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument
from trading.portfolio.domain.ledger import inventory_paise
from trading.portfolio.domain.position import PositionState
from trading.portfolio.domain.span.book import is_option
from trading.portfolio.models import Position, TradingAccount

POSITION_FIELDS = [each.name for each in fields(PositionState)] + ["average_price", "updated_at"]


position_of_key = Prepared(
    lambda account_id, instrument_id, product, strategy: Position.objects.filter(
        account_id=account_id, instrument_id=instrument_id, product=product, strategy=strategy
    ),
    account_id=UUID,
    instrument_id=int,
    product=str,
    strategy=str,
)


def position_for(
    *, account: TradingAccount, instrument: Instrument, product: Product, strategy: str, at: datetime
) -> Position:
    """The row of this key, or a new one that is not stored yet. The caller holds the account lock."""
    found = position_of_key.first(
        account_id=account.id, instrument_id=instrument.id, product=product.value, strategy=strategy
    )
    position = found or Position(
        organisation_id=account.organisation_id, product=product.value, strategy=strategy, opened_at=at
    )
    position.account, position.instrument = account, instrument
    return position


def position_store(position: Position, after: PositionState, at: datetime) -> None:
    """Write the state that a fold came to. The caller holds the account lock."""
    for name, value in asdict(after).items():
        setattr(position, name, value)
    position.average_price = after.average_price
    position.updated_at = at
    if position._state.adding:
        writes.insert(position)
    else:
        writes.update(position, POSITION_FIELDS)


def inventory_change(position: Position, after: PositionState) -> int:
    """By how much the cost of what a position has paid for in full grows, in paise. Called before it is stored."""
    paid_in_full = position.product == Product.DELIVERY or is_option(position.instrument)
    return inventory_paise(after, is_paid_in_full=paid_in_full) - inventory_paise(
        position.state, is_paid_in_full=paid_in_full
    )
