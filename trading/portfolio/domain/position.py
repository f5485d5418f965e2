"""A position is a fold of its fills, in whole paise, so that nothing is ever lost to rounding.

The open part carries its cost (`open_value_paise`); closing takes a proportional share of it, rounded half to even,
and the last unit takes what is left. Hence for any fills, exactly:
realised + (mark value - open value, signed) = money received for sells - money paid for buys + mark value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from msgspec import Struct

from core.money import PAISE_PER_RUPEE
from trading.brokers.domain.terms import Side
from trading.portfolio.domain.margin import MarginTerms

AVERAGE_PRICE_STEP = Decimal("0.0001")


class PositionFill(Struct, frozen=True):
    """One fill as a position sees it. `price` is rupees per unit, `charges_paise` what the fill was charged."""

    side: Side
    quantity: int
    price: Decimal
    day: date
    charges_paise: int

    @property
    def value_paise(self) -> int:
        """Price times quantity. Exact for two-decimal prices; currency contracts' four are rounded half up."""
        value = self.price * self.quantity * PAISE_PER_RUPEE
        return int(value.to_integral_value(ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class PositionState:
    """Where a position stands. `quantity` is signed; `open_value_paise` and `margin_paise` are never negative.

    The day figures belong to `day`, the Indian date of the last fill: `day_open_quantity` was held when it began,
    `day_cash_paise` is sells minus buys since, and realised P&L and charges likewise.
    """

    quantity: int = 0
    open_value_paise: int = 0
    realised_pnl_paise: int = 0
    charges_paise: int = 0
    margin_paise: int = 0
    day: date | None = None
    day_open_quantity: int = 0
    day_cash_paise: int = 0
    day_realised_paise: int = 0
    day_charges_paise: int = 0

    @property
    def average_price(self) -> Decimal:
        """Rupees per open unit to four decimals, for display; the exact figure is the open value."""
        return average_price(self.open_value_paise, self.quantity)

    def on_day(self, day: date) -> "PositionState":
        """The same position as seen on `day`: on another day than its last fill's the day figures start afresh.

        Another, not a later one, because a replay may set the market's clock back.
        """
        if day == self.day:
            return self
        return replace(
            self,
            day=day,
            day_open_quantity=self.quantity,
            day_cash_paise=0,
            day_realised_paise=0,
            day_charges_paise=0,
        )


FLAT = PositionState()
"""What has never traded."""


class PositionChange(Struct, frozen=True):
    """What one fill did: the state after it and the amounts (paise) that the ledger has to post."""

    after: PositionState
    opened_quantity: int
    closed_quantity: int
    opened_value_paise: int
    released_value_paise: int
    closed_value_paise: int
    realised_pnl_paise: int
    margin_blocked_paise: int
    margin_released_paise: int


def average_price(open_value_paise: int, quantity: int) -> Decimal:
    """Rupees per unit, four decimals, half to even; zero for a flat position."""
    if quantity == 0:
        return Decimal(0)
    rupees = Decimal(open_value_paise) / abs(quantity) / PAISE_PER_RUPEE
    return rupees.quantize(AVERAGE_PRICE_STEP, rounding=ROUND_HALF_EVEN)


def apply_fill(before: PositionState, fill: PositionFill, terms: MarginTerms) -> PositionChange:
    """Fold one fill into a position. Closes first (through zero if the fill is larger), then opens the rest."""
    today = before.on_day(fill.day)
    sign, value = fill.side.sign, fill.value_paise
    closed, opened = split_quantity(before.quantity, fill.side, fill.quantity)
    closed_value = share(value, closed, fill.quantity)
    opened_value = value - closed_value
    released_value = share(before.open_value_paise, closed, abs(before.quantity))
    released_margin = share(before.margin_paise, closed, abs(before.quantity))
    realised = -sign * (closed_value - released_value)
    margin = terms.opening_paise(fill.side, opened, fill.price)
    after = PositionState(
        quantity=before.quantity + sign * fill.quantity,
        open_value_paise=before.open_value_paise - released_value + opened_value,
        realised_pnl_paise=before.realised_pnl_paise + realised,
        charges_paise=before.charges_paise + fill.charges_paise,
        margin_paise=before.margin_paise - released_margin + margin,
        day=today.day,
        day_open_quantity=today.day_open_quantity,
        day_cash_paise=today.day_cash_paise - sign * value,
        day_realised_paise=today.day_realised_paise + realised,
        day_charges_paise=today.day_charges_paise + fill.charges_paise,
    )
    return PositionChange(
        after=after,
        opened_quantity=opened,
        closed_quantity=closed,
        opened_value_paise=opened_value,
        released_value_paise=released_value,
        closed_value_paise=closed_value,
        realised_pnl_paise=realised,
        margin_blocked_paise=margin,
        margin_released_paise=released_margin,
    )


def fold(fills: Iterable[tuple[PositionFill, MarginTerms]]) -> PositionState:
    """The position that a sequence of fills, in the order in which they were posted, leads to."""
    state = PositionState()
    for fill, terms in fills:
        state = apply_fill(state, fill, terms).after
    return state


def split_quantity(held: int, side: Side, quantity: int) -> tuple[int, int]:
    """How much of a trade closes a signed holding and how much opens anew: `(closed, opened)`."""
    closable = abs(held) if held * side.sign < 0 else 0
    closed = min(closable, quantity)
    return closed, quantity - closed


def share(amount: int, part: int, whole: int) -> int:
    """`amount * part / whole` in whole paise, half to even; all of it when part equals whole."""
    if part == 0:
        return 0
    if part == whole:
        return amount
    down, left = divmod(amount * part, whole)
    is_nearer_up = 2 * left > whole or (2 * left == whole and down % 2 == 1)
    return down + 1 if is_nearer_up else down


def unrealised_pnl_paise(quantity: int, open_value_paise: int, mark: Decimal) -> int:
    """P&L of the open part at a mark price in rupees."""
    return _mark_value_paise(quantity, mark) - (open_value_paise if quantity > 0 else -open_value_paise)


def day_pnl_paise(state: PositionState, mark: Decimal, previous_close: Decimal | None) -> int | None:
    """Gross P&L of `state.day`: since yesterday's close for what was held then, since entry for the rest.

    None when something was held overnight and its previous close is unknown.
    """
    if state.day_open_quantity and previous_close is None:
        return None
    opening_value = _mark_value_paise(state.day_open_quantity, previous_close or Decimal(0))
    return _mark_value_paise(state.quantity, mark) - opening_value + state.day_cash_paise


def _mark_value_paise(quantity: int, mark: Decimal) -> int:
    return int((mark * quantity * PAISE_PER_RUPEE).quantize(Decimal(1), rounding=ROUND_HALF_UP))
