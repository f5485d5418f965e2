"""Position rows: finding or making the one a fill or an event is for, and storing what a fold came to."""

from dataclasses import asdict, fields
from datetime import datetime

from core.db import writes
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument
from trading.portfolio.domain.position import PositionState
from trading.portfolio.models import Position, TradingAccount

POSITION_FIELDS = [each.name for each in fields(PositionState)] + ["average_price", "updated_at"]


def position_for(
    *, account: TradingAccount, instrument: Instrument, product: Product, strategy: str, at: datetime
) -> Position:
    """The row of this key, or a new one that is not stored yet. The caller holds the account lock."""
    key = {"account": account, "instrument": instrument, "product": product.value, "strategy": strategy}
    found = Position.objects.filter(**key).first()
    return found or Position(organisation_id=account.organisation_id, opened_at=at, **key)


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
