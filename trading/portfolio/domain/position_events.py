"""What happens to a position besides trades, folded into it beside its fills, in the order of recording.

Each kind is a pure function of the state before it: it gives the change, and with it what the ledger posts
(`domain/ledger.py`, `fill_postings`). No event carries a position through zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from msgspec import structs

from trading.portfolio.domain.position import PositionChange, PositionState, share


class PositionEventKind(StrEnum):
    """Also the `SourceType` that its ledger transaction is posted under."""

    CONVERSION = "CONVERSION"
    DELIVERY = "DELIVERY"
    EXPIRY = "EXPIRY"
    EXERCISE = "EXERCISE"
    ASSIGNMENT = "ASSIGNMENT"
    SETTLEMENT = "SETTLEMENT"
    M2M = "M2M"
    SPLIT = "SPLIT"
    BONUS = "BONUS"
    DIVIDEND = "DIVIDEND"
    INTEREST = "INTEREST"
    DP_CHARGE = "DP_CHARGE"
    SQUARE_OFF_FEE = "SQUARE_OFF_FEE"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """One event as a position sees it. Money in paise, `day` the Indian date it belongs to.

    `quantity_change` is signed. `value_paise`, never negative, is what the units that come or go are worth; for
    M2M the settlement value of all that is open, for a split, a bonus or a dividend the cash paid out.
    `margin_paise` is blocked by units that come. `ratio` multiplies the units of a split or a bonus.
    `price` (rupees) is kept for people; the arithmetic is over the paise.
    """

    kind: PositionEventKind
    day: date
    quantity_change: int = 0
    price: Decimal | None = None
    value_paise: int = 0
    charges_paise: int = 0
    margin_paise: int = 0
    ratio: Fraction | None = None


class EventImpossible(ValueError):
    """The event does not fit the position it is for: the data are broken, and nothing may be posted."""


def apply_event(before: PositionState, event: EventFacts) -> PositionChange:
    """Fold one event into a position. Raises EventImpossible where the two contradict each other."""
    if event.value_paise < 0 or event.charges_paise < 0 or event.margin_paise < 0:
        raise EventImpossible(f"negative amount in {event.kind}")
    change = _RULES[event.kind](before, event)
    after = replace(
        change.after,
        charges_paise=change.after.charges_paise + event.charges_paise,
        day_charges_paise=change.after.day_charges_paise + event.charges_paise,
    )
    return structs.replace(change, after=after)


def adjusted_quantity(quantity: int, ratio: Fraction) -> tuple[int, Fraction]:
    """Whole units after a split or a bonus, signed, and the fraction of a unit (0 ≤ f < 1) paid in cash."""
    exact = abs(quantity) * ratio
    whole = exact.numerator // exact.denominator
    return (whole if quantity >= 0 else -whole), exact - whole


def carried_value_paise(state: PositionState, quantity: int) -> int:
    """The cost of `quantity` of the open units, which a conversion takes along."""
    return share(state.open_value_paise, quantity, abs(state.quantity))


def _units(before: PositionState, event: EventFacts) -> PositionChange:
    """Units come or go at a value: a conversion, a delivery, an expiry."""
    if event.quantity_change == 0:
        raise EventImpossible(f"{event.kind} moves no units")
    if before.quantity * event.quantity_change >= 0:
        return _opened(before, event)
    return _closed(before, event)


def _opened(before: PositionState, event: EventFacts) -> PositionChange:
    today = before.on_day(event.day)
    sign = 1 if event.quantity_change > 0 else -1
    after = replace(
        today,
        quantity=before.quantity + event.quantity_change,
        open_value_paise=before.open_value_paise + event.value_paise,
        margin_paise=before.margin_paise + event.margin_paise,
        day_cash_paise=today.day_cash_paise - sign * event.value_paise,
    )
    return PositionChange(
        after=after,
        opened_quantity=abs(event.quantity_change),
        closed_quantity=0,
        opened_value_paise=event.value_paise,
        released_value_paise=0,
        closed_value_paise=0,
        realised_pnl_paise=0,
        margin_blocked_paise=event.margin_paise,
        margin_released_paise=0,
    )


def _closed(before: PositionState, event: EventFacts) -> PositionChange:
    units = abs(event.quantity_change)
    if units > abs(before.quantity):
        raise EventImpossible(f"{event.kind} of {units} units on a position of {before.quantity}")
    if event.margin_paise:
        raise EventImpossible(f"{event.kind} that closes blocks no margin")
    today = before.on_day(event.day)
    sign = 1 if before.quantity > 0 else -1
    released = share(before.open_value_paise, units, abs(before.quantity))
    margin = share(before.margin_paise, units, abs(before.quantity))
    realised = sign * (event.value_paise - released)
    after = replace(
        today,
        quantity=before.quantity + event.quantity_change,
        open_value_paise=before.open_value_paise - released,
        realised_pnl_paise=before.realised_pnl_paise + realised,
        margin_paise=before.margin_paise - margin,
        day_cash_paise=today.day_cash_paise + sign * event.value_paise,
        day_realised_paise=today.day_realised_paise + realised,
    )
    return PositionChange(
        after=after,
        opened_quantity=0,
        closed_quantity=units,
        opened_value_paise=0,
        released_value_paise=released,
        closed_value_paise=event.value_paise,
        realised_pnl_paise=realised,
        margin_blocked_paise=0,
        margin_released_paise=margin,
    )


def _ratio(before: PositionState, event: EventFacts) -> PositionChange:
    """A split or a bonus: the same cost over other units, a fraction of a unit sold for cash."""
    if event.ratio is None or event.ratio <= 0 or before.quantity == 0:
        raise EventImpossible(f"{event.kind} needs a ratio and units")
    quantity, fraction = adjusted_quantity(before.quantity, event.ratio)
    if quantity - before.quantity != event.quantity_change:
        raise EventImpossible(f"{event.kind} of {event.ratio} on {before.quantity} is not {event.quantity_change}")
    exact = abs(quantity) + fraction
    released = before.open_value_paise if quantity == 0 else _part(before.open_value_paise, fraction / exact)
    margin = before.margin_paise if quantity == 0 else 0
    sign = 1 if before.quantity > 0 else -1
    realised = sign * (event.value_paise - released)
    today = before.on_day(event.day)
    opening, _ = adjusted_quantity(today.day_open_quantity, event.ratio)
    after = replace(
        today,
        quantity=quantity,
        open_value_paise=before.open_value_paise - released,
        realised_pnl_paise=before.realised_pnl_paise + realised,
        margin_paise=before.margin_paise - margin,
        day_open_quantity=opening,
        day_cash_paise=today.day_cash_paise + sign * event.value_paise,
        day_realised_paise=today.day_realised_paise + realised,
    )
    return _cash_change(after, realised=realised, released=released, margin_released=margin)


def _part(amount: int, part: Fraction) -> int:
    return share(amount, part.numerator, part.denominator)


def _dividend(before: PositionState, event: EventFacts) -> PositionChange:
    """Cash for units that were held when the day began."""
    today = before.on_day(event.day)
    after = replace(
        today,
        realised_pnl_paise=before.realised_pnl_paise + event.value_paise,
        day_cash_paise=today.day_cash_paise + event.value_paise,
        day_realised_paise=today.day_realised_paise + event.value_paise,
    )
    return _cash_change(after, realised=event.value_paise)


def _mark(before: PositionState, event: EventFacts) -> PositionChange:
    """A future's day is settled in cash, and it goes on from the settlement price."""
    if before.quantity == 0:
        raise EventImpossible("nothing is open that could be settled")
    sign = 1 if before.quantity > 0 else -1
    realised = sign * (event.value_paise - before.open_value_paise)
    today = before.on_day(event.day)
    after = replace(
        today,
        open_value_paise=event.value_paise,
        realised_pnl_paise=before.realised_pnl_paise + realised,
        day_realised_paise=today.day_realised_paise + realised,
    )
    return _cash_change(after, realised=realised)


def _charge(before: PositionState, event: EventFacts) -> PositionChange:
    """Only its charges, which `apply_event` adds."""
    if event.value_paise or event.quantity_change:
        raise EventImpossible(f"{event.kind} is a charge and nothing else")
    return _cash_change(before.on_day(event.day), realised=0)


def _cash_change(
    after: PositionState, *, realised: int, released: int = 0, margin_released: int = 0
) -> PositionChange:
    return PositionChange(
        after=after,
        opened_quantity=0,
        closed_quantity=0,
        opened_value_paise=0,
        released_value_paise=released,
        closed_value_paise=0,
        realised_pnl_paise=realised,
        margin_blocked_paise=0,
        margin_released_paise=margin_released,
    )


Kind = PositionEventKind
_RULES: Mapping[PositionEventKind, Callable[[PositionState, EventFacts], PositionChange]] = {
    Kind.CONVERSION: _units,
    Kind.DELIVERY: _units,
    Kind.EXPIRY: _units,
    Kind.EXERCISE: _units,
    Kind.ASSIGNMENT: _units,
    Kind.SETTLEMENT: _units,
    Kind.M2M: _mark,
    Kind.SPLIT: _ratio,
    Kind.BONUS: _ratio,
    Kind.DIVIDEND: _dividend,
    Kind.INTEREST: _charge,
    Kind.DP_CHARGE: _charge,
    Kind.SQUARE_OFF_FEE: _charge,
}
