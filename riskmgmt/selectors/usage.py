"""How much of each limit an account uses at this moment."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.money import from_paise
from riskmgmt.domain.limits import LIMIT_NAMES, LIMIT_SPECS
from trading.orders.selectors import live_orders
from trading.portfolio.selectors import MarkedPosition, marked_positions

from .limits import account_limits, own_limits


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit in force and what is used of it; `used` is None for limits that hold per order."""

    name: str
    label: str
    unit: str
    explanation: str
    limit: Decimal
    set_by: str
    own: Decimal | None
    used: Decimal | None

    def shape(self) -> dict[str, Any]:
        """The limit as the API shows it."""
        return {
            "limit": f"{self.limit:.2f}",
            "set_by": self.set_by,
            "own": None if self.own is None else f"{self.own:.2f}",
            "used": None if self.used is None else f"{self.used:.2f}",
        }


def limits_and_use(*, organisation_id: UUID, account_id: UUID | None) -> list[LimitUse]:
    """Every limit of an account with its use, or the organisation's defaults (`account_id` None) without."""
    limits, sources = account_limits(organisation_id=organisation_id, account_id=account_id)
    own = own_limits(organisation_id=organisation_id, account_id=account_id)
    used = {} if account_id is None else _used(account_id)
    return [
        LimitUse(
            name=name,
            label=LIMIT_SPECS[name].label,
            unit=LIMIT_SPECS[name].unit,
            explanation=LIMIT_SPECS[name].explanation,
            limit=getattr(limits, name),
            set_by=sources[name],
            own=own[name],
            used=used.get(name),
        )
        for name in LIMIT_NAMES
    ]


def _used(account_id: UUID) -> dict[str, Decimal]:
    positions = marked_positions(account_ids=[account_id])
    return {
        "max_position_quantity": Decimal(max((abs(position.quantity) for position in positions), default=0)),
        "max_position_value": max((_value(position) for position in positions), default=Decimal(0)),
        "max_daily_loss": max(from_paise(-sum(position.day_result_paise for position in positions)), Decimal(0)),
        "max_open_orders": Decimal(len(live_orders(account_id))),
    }


def _value(position: MarkedPosition) -> Decimal:
    price = position.average_price if position.ltp is None else position.ltp
    return abs(position.quantity) * price
