"""A position or holding with what it is worth now."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.money import from_paise, rupee_text
from trading.portfolio.domain.position import (
    PositionState,
    day_pnl_paise,
    unrealised_pnl_paise,
)


@dataclass(frozen=True, slots=True)
class MarkedPosition:
    """A position as of the trading day, at a price. `ltp` (rupees) is None when no quote is known."""

    id: UUID
    account_id: UUID
    account_name: str
    symbol: str
    product: str
    strategy: str
    state: PositionState
    ltp: Decimal | None
    previous_close: Decimal | None
    stale: bool
    underlying: str = ""
    instrument_type: str = ""
    strike: Decimal | None = None
    unsettled: int = 0

    @property
    def quantity(self) -> int:
        return self.state.quantity

    @property
    def average_price(self) -> Decimal:
        return self.state.average_price

    @property
    def day_realised_paise(self) -> int:
        return self.state.day_realised_paise

    @property
    def day_charges_paise(self) -> int:
        return self.state.day_charges_paise

    @property
    def unrealised_paise(self) -> int:
        """Paise; zero without a price, so that sums are over what is known (they are marked stale)."""
        if self.ltp is None:
            return 0
        return unrealised_pnl_paise(self.state.quantity, self.state.open_value_paise, self.ltp)

    @property
    def day_pnl_paise(self) -> int | None:
        """Gross, in paise; None when the price or the previous close is not known."""
        if self.state.quantity == 0 and self.state.day_open_quantity == 0:
            return self.state.day_cash_paise
        if self.ltp is None:
            return None
        return day_pnl_paise(self.state, self.ltp, self.previous_close)

    @property
    def day_result_paise(self) -> int:
        """The day's P&L after charges, for sums; without a known price only what it has realised counts."""
        gross = self.day_pnl_paise
        return (self.day_realised_paise if gross is None else gross) - self.day_charges_paise

    @property
    def realised_pnl(self) -> Decimal:
        return from_paise(self.state.realised_pnl_paise)

    @property
    def unrealised_pnl(self) -> Decimal | None:
        return None if self.ltp is None and self.quantity else from_paise(self.unrealised_paise)

    @property
    def day_pnl(self) -> Decimal | None:
        paise = self.day_pnl_paise
        return None if paise is None else from_paise(paise)

    @property
    def day_realised(self) -> Decimal:
        return from_paise(self.state.day_realised_paise)

    @property
    def day_offset(self) -> Decimal | None:
        """Rupees to add to quantity times price for the day's P&L, so that a page can follow the price."""
        if self.state.day_open_quantity and self.previous_close is None:
            return None
        opening_value = self.state.day_open_quantity * (self.previous_close or 0)
        return from_paise(self.state.day_cash_paise) - opening_value

    @property
    def invested(self) -> Decimal:
        return from_paise(self.state.open_value_paise)

    @property
    def value(self) -> Decimal | None:
        """Rupees that the open quantity is worth; None without a price."""
        return None if self.ltp is None else self.ltp * abs(self.quantity)

    @property
    def unrealised_pct(self) -> Decimal | None:
        """Unrealised P&L in per cent of what the open quantity cost."""
        pnl = self.unrealised_pnl
        return None if pnl is None or not self.invested else pnl * 100 / self.invested

    @property
    def charges(self) -> Decimal:
        return from_paise(self.state.charges_paise)

    @property
    def net_realised(self) -> Decimal:
        """Realised P&L over the position's life after all its charges and fees."""
        return self.realised_pnl - self.charges

    @property
    def exchange(self) -> str:
        return self.symbol.partition(":")[0]

    @property
    def name(self) -> str:
        """The symbol without its exchange."""
        return self.symbol.partition(":")[2]

    @property
    def settled_quantity(self) -> int:
        """Shares that have arrived in the demat account."""
        return max(0, self.quantity - self.unsettled)

    @property
    def t1_quantity(self) -> int:
        """Shares that were bought and have not arrived yet; they may be sold (BTST)."""
        return max(0, self.quantity - self.settled_quantity)

    def position_shape(self) -> dict[str, Any]:
        """The API's position."""
        day_pnl = self.day_pnl_paise
        return {
            "id": str(self.id),
            "account": str(self.account_id),
            "symbol": self.symbol,
            "product": self.product,
            "strategy": self.strategy,
            "quantity": self.quantity,
            "average_price": str(self.average_price),
            "ltp": _string(self.ltp),
            "realised_pnl": rupee_text(self.state.realised_pnl_paise),
            "unrealised_pnl": None if self.ltp is None and self.quantity else rupee_text(self.unrealised_paise),
            "charges": rupee_text(self.state.charges_paise),
            "day_pnl": None if day_pnl is None else rupee_text(day_pnl),
            "margin": rupee_text(self.state.margin_paise),
            "stale": self.stale,
        }

    def holding_shape(self) -> dict[str, Any]:
        """The API's holding."""
        return {
            "id": str(self.id),
            "account": str(self.account_id),
            "symbol": self.symbol,
            "strategy": self.strategy,
            "quantity": self.settled_quantity,
            "t1_quantity": self.t1_quantity,
            "pledged_quantity": 0,
            "average_price": str(self.average_price),
            "ltp": _string(self.ltp),
            "invested": str(from_paise(self.state.open_value_paise)),
            "pnl": _string(self.unrealised_pnl),
            "day_pnl": _string(self.day_pnl),
            "stale": self.stale,
        }


def _string(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
