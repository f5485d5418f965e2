"""The legs of a strategy as its builder takes them; in an address `NFO:NIFTY26NOV24000CE:SELL:1:86.20`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from core.errors import InvalidInput
from trading.brokers.domain.terms import Side

from .intent import MAX_PRICE

MOST_LEGS = 12
MOST_LOTS = 100_000
HELD = "held"
# What a what-if may ask for: spot in per cent, volatility in points.
SPOT_SHIFT = (Decimal(-95), Decimal(500))
VOLATILITY_SHIFT = (Decimal(-100), Decimal(500))


@dataclass(frozen=True, slots=True)
class StrategyLeg:
    """One leg: `lots` of a contract or units of a share, entered at `price` rupees, None for what the market asks.

    `is_held` marks a leg that is a position already: it counts, but is not sent. `iv_shift` is in points of
    volatility.
    """

    key: str
    side: Side
    lots: int
    price: Decimal | None = None
    is_held: bool = False
    iv_shift: Decimal = Decimal(0)

    def __str__(self) -> str:
        price = "" if self.price is None else f"{self.price.normalize():f}"
        parts = [self.key, str(self.side), str(self.lots), price, HELD if self.is_held else ""]
        return ":".join(parts).rstrip(":")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How the market may have moved: the spot by per cent or to `spot` rupees, all volatilities by points, and
    time, by `days` (calendar days, may be a fraction) or to a moment `at`."""

    spot_pct: Decimal = Decimal(0)
    spot: Decimal | None = None
    iv_shift: Decimal = Decimal(0)
    days: Decimal = Decimal(0)
    at: datetime | None = None


AS_IS = WhatIf()


def legs_of_text(text: str) -> tuple[StrategyLeg, ...]:
    """From `KEY:side:lots[:price[:held]]`, separated by commas; raises InvalidInput (`bad_leg`) for other text."""
    legs = tuple(_leg_of(part) for part in text.split(",") if part.strip())
    legs_check(legs)
    return legs


def legs_text(legs: Iterable[StrategyLeg]) -> str:
    """The legs as an address carries them."""
    return ",".join(map(str, legs))


def legs_check(legs: Sequence[StrategyLeg]) -> None:
    """Raise InvalidInput for legs that make no strategy, whatever their contracts are."""
    if len(legs) > MOST_LEGS:
        raise _bad("too_many_legs", "legs", f"A strategy has at most {MOST_LEGS} legs.")
    for number, leg in enumerate(legs, start=1):
        if not 1 <= leg.lots <= MOST_LOTS:
            raise _bad("invalid_lots", "legs", f"Leg {number}: lots must be between 1 and {MOST_LOTS}.")
        if leg.price is not None and not (leg.price.is_finite() and 0 < leg.price <= MAX_PRICE):
            raise _bad("invalid_price", "legs", f"Leg {number}: the price must be above 0 and at most {MAX_PRICE}.")
        _within("legs", f"Leg {number}: the volatility's shift", leg.iv_shift, VOLATILITY_SHIFT)


def what_if_check(what_if: WhatIf) -> None:
    """Raise InvalidInput (`invalid_what_if`) for a market that cannot be."""
    _within("spot_pct", "The move of the spot in per cent", what_if.spot_pct, SPOT_SHIFT)
    _within("iv_shift", "The shift of volatility in points", what_if.iv_shift, VOLATILITY_SHIFT)
    _within("days", "The days ahead", what_if.days, (Decimal(0), Decimal(3660)))
    if what_if.spot is not None:
        _within("spot", "The spot", what_if.spot, (Decimal("0.01"), MAX_PRICE))


def _leg_of(part: str) -> StrategyLeg:
    words = part.strip().split(":")
    if not 4 <= len(words) <= 6:
        raise _bad_leg(part)
    exchange, symbol, side, lots, price, held = words + [""] * (6 - len(words))
    try:
        return StrategyLeg(
            key=f"{exchange}:{symbol}".upper(),
            side=Side(side.upper()),
            lots=_whole(lots),
            price=Decimal(price) if price else None,
            is_held=_held(held),
        )
    except (ValueError, InvalidOperation) as error:
        raise _bad_leg(part) from error


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def _held(text: str) -> bool:
    if text not in ("", HELD):
        raise ValueError(text)
    return text == HELD


def _within(field: str, what: str, value: Decimal, limits: tuple[Decimal, Decimal]) -> None:
    if not (value.is_finite() and limits[0] <= value <= limits[1]):
        raise _bad("invalid_what_if", field, f"{what} must be between {limits[0]} and {limits[1]}.")


def _bad_leg(part: str) -> InvalidInput:
    return _bad("bad_leg", "legs", f"“{part[:60]}” is not KEY:BUY or SELL:lots, with a price behind it or none.")


def _bad(code: str, field: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, errors={field: [message]})
