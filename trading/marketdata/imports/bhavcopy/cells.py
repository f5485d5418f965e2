"""Numbers and names as a bhavcopy writes them; what cannot be is refused."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from trading.instruments.domain.keys import Right

from .row import BhavcopyFault, CellRefused

T = TypeVar("T")

MOST = 10**17
_HIGHEST_PRICE = Decimal(100_000_000)
_FINEST = Decimal("0.0001")
_BLANK = frozenset({"", "-"})


def price_of(text: str) -> Decimal:
    value = price_or_zero(text)
    if value > _HIGHEST_PRICE or value != value.quantize(_FINEST):
        raise CellRefused(BhavcopyFault.BAD_NUMBER)
    return value


def price_or_zero(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise CellRefused(BhavcopyFault.BAD_NUMBER) from error
    if not value.is_finite() or abs(value) > MOST:
        raise CellRefused(BhavcopyFault.BAD_NUMBER)
    if value < 0:
        raise CellRefused(BhavcopyFault.IMPOSSIBLE_PRICES)
    return value


def count_of(text: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise CellRefused(BhavcopyFault.BAD_NUMBER) from error
    if not value.is_finite() or abs(value) > MOST or value != value.to_integral_value():
        raise CellRefused(BhavcopyFault.BAD_NUMBER)
    if value < 0:
        raise CellRefused(BhavcopyFault.NEGATIVE_VOLUME)
    return int(value)


def optional(read: Callable[[str], T], text: str) -> T | None:
    return None if text in _BLANK else read(text)


def right_of(text: str) -> Right:
    if text not in (Right.CALL, Right.PUT):
        raise CellRefused(BhavcopyFault.BAD_SYMBOL)
    return Right(text)
