"""What becomes of a contract on its last day, at its underlying's settlement price.

Index contracts are settled in cash. Stock contracts are settled in shares: whoever exercises a call or is assigned
a put takes delivery at the strike, the other side delivers; a stock future is marked to the settlement price and
delivered at it. What a seller has not got cannot be delivered; those units are closed out at the settlement price
in cash, as an exchange's auction would at best.
"""

from dataclasses import dataclass
from decimal import Decimal

from trading.portfolio.domain.position_events import PositionEventKind

CALL, PUT, FUTURE = "CE", "PE", "FUT"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How `quantity` open units (signed) end. Prices in rupees a unit.

    The contract is closed at `price`. `delivered` (signed) units of the underlying change hands at
    `delivery_price`. `exercise_value` rupees are taxed: the intrinsic value of a bought option settled in cash.
    """

    kind: PositionEventKind
    quantity: int
    price: Decimal
    delivered: int = 0
    delivery_price: Decimal = Decimal(0)
    exercise_value: Decimal = Decimal(0)


def intrinsic_value(right: str, strike: Decimal, underlying: Decimal) -> Decimal:
    """Rupees a unit that an option is worth at its expiry."""
    return max(underlying - strike if right == CALL else strike - underlying, Decimal(0))


def shares_due(*, right: str, quantity: int, strike: Decimal | None, underlying: Decimal) -> int:
    """Signed units of the stock that a stock contract's holder receives (or delivers, negative) at expiry."""
    if right == FUTURE:
        return quantity
    if not intrinsic_value(right, strike or Decimal(0), underlying):
        return 0
    return quantity if right == CALL else -quantity


def settle(
    *, right: str, quantity: int, strike: Decimal | None, underlying: Decimal, physical: bool, deliverable: int = 0
) -> list[Settlement]:
    """The settlements of an open contract; `deliverable` units of the stock are held and free to be delivered."""
    due = shares_due(right=right, quantity=quantity, strike=strike, underlying=underlying) if physical else 0
    moved = due if due >= 0 else -min(-due, max(deliverable, 0))
    parts = []
    if moved:
        units = abs(moved) if quantity > 0 else -abs(moved)
        parts.append(_in_shares(right, units, strike, underlying, moved))
    rest = quantity - (abs(moved) if quantity > 0 else -abs(moved))
    if rest:
        parts.append(_in_cash(right, rest, strike, underlying))
    return parts


def _in_shares(right: str, units: int, strike: Decimal | None, underlying: Decimal, moved: int) -> Settlement:
    if right == FUTURE:
        return Settlement(PositionEventKind.SETTLEMENT, units, underlying, moved, underlying)
    kind = PositionEventKind.EXERCISE if units > 0 else PositionEventKind.ASSIGNMENT
    return Settlement(kind, units, Decimal(0), moved, strike or Decimal(0))


def _in_cash(right: str, units: int, strike: Decimal | None, underlying: Decimal) -> Settlement:
    if right == FUTURE:
        return Settlement(PositionEventKind.SETTLEMENT, units, underlying)
    worth = intrinsic_value(right, strike or Decimal(0), underlying)
    if not worth:
        return Settlement(PositionEventKind.EXPIRY, units, Decimal(0))
    if units < 0:
        return Settlement(PositionEventKind.ASSIGNMENT, units, worth)
    return Settlement(PositionEventKind.EXERCISE, units, worth, exercise_value=worth * units)
