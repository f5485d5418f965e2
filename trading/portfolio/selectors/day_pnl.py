"""One account's P&L of the trading day, split so that a page can let it tick."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.money import from_paise
from trading.portfolio.selectors.marked_position import MarkedPosition
from trading.portfolio.selectors.positions import marked_positions


@dataclass(frozen=True, slots=True)
class DayPnlPart:
    """One open position's part of the day's P&L: `offset` plus quantity times the price."""

    key: str
    quantity: int
    offset: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class DayPnl:
    """Rupees after charges; `base` is what no price moves any more."""

    total: Decimal
    base: Decimal
    parts: tuple[DayPnlPart, ...]
    open_positions: int


def account_day_pnl(account_id: UUID) -> DayPnl:
    """The day's P&L of an account that the caller may use already."""
    marked = marked_positions(account_ids=[account_id])
    parts = tuple(part for part in map(_part, marked) if part is not None)
    total = from_paise(sum(position.day_result_paise for position in marked))
    return DayPnl(
        total=total,
        base=total - sum((part.value for part in parts), Decimal(0)),
        parts=parts,
        open_positions=sum(1 for position in marked if position.quantity),
    )


def _part(position: MarkedPosition) -> DayPnlPart | None:
    if not position.quantity or position.ltp is None or position.day_pnl is None:
        return None
    offset = position.day_pnl - position.quantity * position.ltp
    return DayPnlPart(position.symbol, position.quantity, offset, position.day_pnl)
