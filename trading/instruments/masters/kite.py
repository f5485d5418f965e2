"""Kite's CSV master. Prices are in rupees; only the symbol tells a weekly contract from a monthly one."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ..domain.keys import MONTHS, Exchange, Right, index_symbol
from .listing import (
    SHARE_SERIES,
    Listing,
    RejectionReason,
    RowRefused,
    contract_key,
    key_of,
    lot_size,
    required_text,
    strike_price,
    tick_size,
)

COLUMNS = (
    "instrument_token",
    "tradingsymbol",
    "name",
    "expiry",
    "strike",
    "tick_size",
    "lot_size",
    "instrument_type",
    "segment",
    "exchange",
)
_RUPEE = Decimal(1)
_ETF_MARKS = ("ETF", "BEES")


def listing(row: Mapping[str, object], row_number: int, on: date) -> Listing:
    """One line of the file; raises RowRefused."""
    code = required_text(row.get("exchange"), "exchange")
    if code not in Exchange.__members__:
        raise RowRefused(RejectionReason.UNKNOWN_SEGMENT, code)
    exchange = Exchange(code)
    if exchange.lists_contracts:
        return _contract(row, row_number, exchange)
    symbol = required_text(row.get("tradingsymbol"), "tradingsymbol").upper()
    token = required_text(row.get("instrument_token"), "instrument_token")
    name = str(row.get("name") or symbol)[:120]
    if row.get("segment") == "INDICES":
        return Listing(row_number, key_of(exchange, index_symbol(symbol)), name, "INDEX", token=token)
    symbol, instrument_type = _security(symbol, name)
    return Listing(
        row_number,
        key_of(exchange, symbol),
        name,
        instrument_type,
        lot_size=lot_size(row.get("lot_size")),
        tick_size=tick_size(row.get("tick_size"), unit=_RUPEE),
        token=token,
    )


def _security(symbol: str, name: str) -> tuple[str, str]:
    # Kite writes every NSE series but EQ behind a hyphen, as in IDEA-BE; BAJAJ-AUTO is no series.
    stem, hyphen, series = symbol.rpartition("-")
    if hyphen and series in SHARE_SERIES:
        return stem, "EQ"
    if hyphen and len(series) == 2:
        return symbol, "DEBT"
    is_etf = any(mark in name.upper() or symbol.endswith(mark) for mark in _ETF_MARKS)
    return symbol, "ETF" if is_etf else "EQ"


def _contract(row: Mapping[str, object], row_number: int, exchange: Exchange) -> Listing:
    kind = required_text(row.get("instrument_type"), "instrument_type")
    if kind not in ("FUT", "CE", "PE"):
        raise RowRefused(RejectionReason.UNSUPPORTED_TYPE, kind)
    right = Right(kind)
    underlying = index_symbol(required_text(row.get("name"), "name"))
    symbol = required_text(row.get("tradingsymbol"), "tradingsymbol").upper()
    expiry = _expiry(row.get("expiry"))
    strike = None if right is Right.FUTURE else strike_price(row.get("strike"))
    month = f"{expiry.year % 100:02}{MONTHS[expiry.month - 1]}"
    return Listing(
        row_number,
        contract_key(exchange, underlying, right, expiry, strike, weekly=not symbol.startswith(underlying + month)),
        underlying,
        kind,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        lot_size=lot_size(row.get("lot_size")),
        tick_size=tick_size(row.get("tick_size"), unit=_RUPEE),
        token=required_text(row.get("instrument_token"), "instrument_token"),
    )


def _expiry(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise RowRefused(RejectionReason.BAD_EXPIRY, value) from error
