"""Upstox's JSON master. Ticks are in paise, expiries the last millisecond of their day in India."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ..domain.keys import Exchange, Right, index_symbol
from .listing import (
    Listing,
    RejectionReason,
    RowRefused,
    contract_key,
    freeze_quantity,
    key_of,
    lot_size,
    nse_security,
    required_text,
    strike_price,
    tick_size,
)

_PAISA = Decimal("0.01")
_IST_OFFSET = timedelta(hours=5, minutes=30)
_CASH = {"NSE_EQ": Exchange.NSE, "BSE_EQ": Exchange.BSE}
_INDICES = {"NSE_INDEX": Exchange.NSE, "BSE_INDEX": Exchange.BSE}
_CONTRACTS = {
    "NSE_FO": Exchange.NFO,
    "BSE_FO": Exchange.BFO,
    "NCD_FO": Exchange.CDS,
    "BCD_FO": Exchange.BCD,
    "MCX_FO": Exchange.MCX,
    "NSE_COM": Exchange.NCO,
}
_BSE_DEBT_GROUPS = frozenset({"F", "G"})


def listing(row: Mapping[str, object], row_number: int, on: date) -> Listing:
    """One object of the file; raises RowRefused."""
    segment = required_text(row.get("segment"), "segment")
    token = required_text(row.get("instrument_key"), "instrument_key")
    if segment in _CONTRACTS:
        return _contract(row, row_number, _CONTRACTS[segment], token)
    if segment in _INDICES:
        symbol = index_symbol(required_text(row.get("trading_symbol"), "trading_symbol"))
        name = required_text(row.get("name"), "name")
        return Listing(row_number, key_of(_INDICES[segment], symbol), name, "INDEX", isin="", token=token)
    if segment in _CASH:
        return _security(row, row_number, _CASH[segment], token)
    raise RowRefused(RejectionReason.UNKNOWN_SEGMENT, segment)


def _security(row: Mapping[str, object], row_number: int, exchange: Exchange, token: str) -> Listing:
    symbol = required_text(row.get("trading_symbol"), "trading_symbol").upper()
    series = required_text(row.get("instrument_type"), "instrument_type")
    isin = str(row.get("isin") or "")
    if exchange is Exchange.NSE:
        symbol, instrument_type = nse_security(symbol, series, isin)
    elif series in _BSE_DEBT_GROUPS:
        instrument_type = "DEBT"
    else:
        instrument_type = "ETF" if isin.startswith("INF") else "EQ"
    return Listing(
        row_number,
        key_of(exchange, "".join(symbol.split())),
        str(row.get("name") or symbol)[:120],
        instrument_type,
        lot_size=lot_size(row.get("lot_size")),
        tick_size=tick_size(row.get("tick_size"), unit=_PAISA),
        freeze_quantity=freeze_quantity(row.get("freeze_quantity")),
        isin=isin[:12],
        token=token,
    )


def _contract(row: Mapping[str, object], row_number: int, exchange: Exchange, token: str) -> Listing:
    kind = required_text(row.get("instrument_type"), "instrument_type")
    if kind not in ("FUT", "CE", "PE"):
        raise RowRefused(RejectionReason.UNSUPPORTED_TYPE, kind)
    right = Right(kind)
    underlying = index_symbol(required_text(row.get("underlying_symbol"), "underlying_symbol"))
    expiry = _expiry(row.get("expiry"))
    strike = None if right is Right.FUTURE else strike_price(row.get("strike_price"))
    return Listing(
        row_number,
        contract_key(exchange, underlying, right, expiry, strike, weekly=row.get("weekly") is True),
        underlying,
        kind,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        lot_size=lot_size(row.get("lot_size")),
        tick_size=tick_size(row.get("tick_size"), unit=_PAISA),
        freeze_quantity=freeze_quantity(row.get("freeze_quantity")),
        isin="",
        token=token,
    )


def _expiry(value: object) -> date:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise RowRefused(RejectionReason.BAD_EXPIRY, value)
    try:
        return (datetime.fromtimestamp(int(value) / 1000, UTC) + _IST_OFFSET).date()
    except (OverflowError, OSError, ValueError) as error:
        raise RowRefused(RejectionReason.BAD_EXPIRY, value) from error
