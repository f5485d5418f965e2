"""The shape of what the strategy builder's page sends: parallel columns, one entry a leg, and the what-if."""

from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from core.errors import InvalidInput
from trading.brokers.domain.terms import Product, Side
from trading.orders.domain.strategy_leg import HELD, StrategyLeg, WhatIf, legs_check

COLUMNS = ("leg_symbol", "leg_side", "leg_lots", "leg_price", "leg_iv", "leg_held")


def legs_in(form: QueryDict) -> list[StrategyLeg]:
    """The legs in the order shown; raises InvalidInput (`bad_leg`, and what `legs_check` raises)."""
    rows = zip(*(form.getlist(name) for name in COLUMNS), strict=False)
    legs = [_leg(number, *row) for number, row in enumerate(rows, start=1)]
    legs_check(legs)
    return legs


def what_if_in(form: QueryDict) -> WhatIf:
    """The sliders; what is not sent stays as it is. Raises InvalidInput (`invalid_what_if`)."""
    return WhatIf(
        spot_pct=_number(form.get("spot_pct", ""), "spot_pct"),
        iv_shift=_number(form.get("iv_shift", ""), "iv_shift"),
        days=_number(form.get("days", ""), "days"),
    )


def product_in(form: QueryDict) -> Product:
    """NORMAL unless the page says INTRADAY."""
    return Product.INTRADAY if form.get("product") == Product.INTRADAY else Product.NORMAL


def _leg(number: int, symbol: str, side: str, lots: str, price: str, shift: str, held: str) -> StrategyLeg:
    if side not in set(Side):
        raise _bad(number, "buy or sell?")
    if not (lots.isascii() and lots.isdigit() and len(lots) <= 9):
        raise _bad(number, "how many lots?")
    return StrategyLeg(
        key=symbol,
        side=Side(side),
        lots=int(lots),
        price=_price(number, price),
        is_held=held == HELD,
        iv_shift=_number(shift, "legs"),
    )


def _price(number: int, text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").strip()) if text.strip() else None
    except InvalidOperation as error:
        raise _bad(number, "its price is no number.") from error


def _number(text: str, field: str) -> Decimal:
    try:
        return Decimal(text.strip() or "0")
    except InvalidOperation as error:
        message = "Write a number, as in -1.5."
        raise InvalidInput(message, code="invalid_what_if", errors={field: [message]}) from error


def _bad(number: int, text: str) -> InvalidInput:
    message = f"Leg {number}: {text}"
    return InvalidInput(message, code="bad_leg", errors={"legs": [message]})
