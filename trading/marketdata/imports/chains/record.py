"""A strike of a chain file, checked. Prices in rupees; open interest and volume as the file counts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

_MOST = Decimal(10_000_000)
_NOTHING = frozenset({"", "-", "–", "None", "null"})


class RowBroken(ValueError):
    """A row that must not be stored; `reason` is stable."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One side of a strike; None for what the file does not know."""

    is_call: bool
    ltp: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    bid_quantity: int
    ask_quantity: int
    volume: int
    oi: int
    previous_oi: int | None
    iv: float | None
    """A fraction a year, as published."""


@dataclass(frozen=True, slots=True)
class StrikeRecord:
    """A row of the file: a strike of an expiry with one or both legs."""

    row: int
    expiry: date
    strike: Decimal
    legs: tuple[LegRecord, ...]


@dataclass(frozen=True, slots=True)
class ChainFile:
    """A chain as read. `in_lots`: open interest and volume are counted in lots, not units."""

    format: str
    underlying: str
    at: datetime
    spot: Decimal | None
    in_lots: bool
    records: tuple[StrikeRecord, ...]
    faults: tuple[tuple[int, RowBroken], ...]
    rows_read: int


def leg_record(is_call: bool, values: Mapping[str, object]) -> LegRecord:
    """A leg from the fields of `LegRecord` as a file has them; `oi_change` may stand for `previous_oi`.

    Zero is no price. Raises RowBroken for numbers that cannot be.
    """
    bid, ask = _price(values.get("bid"), "bid"), _price(values.get("ask"), "ask")
    if bid is not None and ask is not None and bid > ask:
        raise RowBroken("crossed", f"bid {bid} above offer {ask}")
    oi = _count(values.get("oi"), "open interest")
    previous = _previous(values, oi)
    iv = number_of(values.get("iv"), "volatility")
    if iv is not None and not 0 <= iv < 100_000:
        raise RowBroken("bad_number", f"volatility {iv}")
    return LegRecord(
        is_call=is_call,
        ltp=_price(values.get("ltp"), "price"),
        bid=bid,
        ask=ask,
        bid_quantity=_count(values.get("bid_quantity"), "bid quantity"),
        ask_quantity=_count(values.get("ask_quantity"), "offered quantity"),
        volume=_count(values.get("volume"), "volume"),
        oi=oi,
        previous_oi=previous,
        iv=float(iv) / 100 if iv else None,
    )


def strike_of(value: object) -> Decimal:
    """A strike; raises RowBroken for one that cannot be."""
    strike = number_of(value, "strike")
    if strike is None or not 0 < strike < _MOST:
        raise RowBroken("bad_strike", f"strike {value!r}")
    return strike


def number_of(value: object, name: str) -> Decimal | None:
    """A number as files write them (`"1,161"`, `-`, 0.05), None for none; raises RowBroken."""
    text = str(value if value is not None else "").replace(",", "").strip()
    if text in _NOTHING:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise RowBroken("bad_number", f"{name} {text[:40]!r}") from error
    if not number.is_finite():
        raise RowBroken("bad_number", f"{name} {text[:40]!r}")
    return number


def _price(value: object, name: str) -> Decimal | None:
    price = number_of(value, name)
    if price is not None and not 0 <= price < _MOST:
        raise RowBroken("bad_price", f"{name} {price}")
    return round(price, 4) if price else None


def _count(value: object, name: str) -> int:
    count = number_of(value, name)
    if count is None:
        return 0
    if count < 0 or count != count.to_integral_value() or count > 10**15:
        raise RowBroken("bad_number", f"{name} {count}")
    return int(count)


def _previous(values: Mapping[str, object], oi: int) -> int | None:
    if "previous_oi" in values:
        return _count(values["previous_oi"], "previous open interest")
    change = number_of(values.get("oi_change"), "change of open interest")
    if change is None:
        return None
    if oi - change < 0:
        raise RowBroken("bad_number", f"open interest {oi} cannot have changed by {change}")
    return int(oi - change)
