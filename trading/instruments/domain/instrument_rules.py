"""What an exchange accepts of a quantity and a price: lots, freeze quantities and ticks. Violations are values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.money import is_on_tick

from .sessions import Segment


class Rule(StrEnum):
    """The rule that a quantity or price breaks; the value is the stable code of the refusal."""

    QUANTITY_NOT_POSITIVE = "quantity_not_positive"
    NOT_A_LOT = "not_a_lot_multiple"
    ABOVE_FREEZE = "above_freeze_quantity"
    PRICE_NOT_POSITIVE = "price_not_positive"
    OFF_TICK = "price_off_tick"
    EXPIRED = "instrument_expired"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, in words for the trader; `limit` is the value the rule allows."""

    rule: Rule
    message: str
    limit: Decimal


def quantity_violation(quantity: int, *, lot_size: int, freeze_quantity: int | None) -> Violation | None:
    """Why the exchange would refuse an order of `quantity` units, or None."""
    if quantity <= 0:
        return Violation(Rule.QUANTITY_NOT_POSITIVE, "The quantity must be at least one unit.", Decimal(lot_size))
    if quantity % lot_size:
        return Violation(
            Rule.NOT_A_LOT, f"The quantity must be a multiple of the lot of {lot_size}.", Decimal(lot_size)
        )
    if freeze_quantity is not None and quantity > freeze_quantity:
        return Violation(
            Rule.ABOVE_FREEZE,
            f"The exchange freezes orders above {freeze_quantity} units; split the order.",
            Decimal(freeze_quantity),
        )
    return None


def price_violation(price: Decimal, *, tick_size: Decimal) -> Violation | None:
    """Why the exchange would refuse a limit or trigger price (rupees), or None."""
    if not price.is_finite() or price <= 0:
        return Violation(Rule.PRICE_NOT_POSITIVE, "The price must be a positive number.", tick_size)
    if not is_on_tick(price, tick_size):
        return Violation(
            Rule.OFF_TICK, f"The price must be a multiple of the tick of {tick_size.normalize():f}.", tick_size
        )
    return None


def expiry_violation(expiry: date | None, *, on: date) -> Violation | None:
    """Why a contract can no longer be traded on a date, or None; it trades on its expiry day."""
    if expiry is None or on <= expiry:
        return None
    return Violation(Rule.EXPIRED, f"The contract expired on {expiry:%d %b %Y}.", Decimal(0))


def segment_of(*, lists_contracts: bool, has_derivatives: bool) -> Segment:
    """The trading hours that an NSE or BSE instrument follows."""
    if lists_contracts:
        return Segment.EQUITY_DERIVATIVES
    return Segment.EQUITY_FNO if has_derivatives else Segment.EQUITY
