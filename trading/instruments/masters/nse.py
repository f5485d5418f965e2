"""NSE's own lists of securities: the equity master (EQUITY_L.csv) or a day's bhavcopy, old or full.

A bhavcopy gives no tick; it follows from the day's close by the exchange's tick table.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from ..domain.keys import Exchange
from ..domain.tick_table import stock_tick
from .listing import Listing, key_of, lot_size, nse_security, required_text

COLUMNS = ("SYMBOL", "SERIES")
_CLOSES = ("CLOSE_PRICE", "CLOSE")
_ISINS = ("ISIN NUMBER", "ISIN")


def listing(row: Mapping[str, object], row_number: int, on: date) -> Listing:
    """One line of the file; raises RowRefused."""
    isin = _first(row, _ISINS)
    symbol, instrument_type = nse_security(
        required_text(row.get("SYMBOL"), "SYMBOL"),
        required_text(row.get("SERIES"), "SERIES").upper(),
        isin or "",
    )
    close = _close(_first(row, _CLOSES))
    lot = _first(row, ("MARKET LOT",))
    return Listing(
        row_number,
        key_of(Exchange.NSE, symbol),
        (_first(row, ("NAME OF COMPANY",)) or symbol)[:120],
        instrument_type,
        lot_size=lot_size(lot) if lot else 1,
        tick_size=stock_tick(close, on) if close is not None else None,
        isin=isin,
    )


def _first(row: Mapping[str, object], columns: tuple[str, ...]) -> str | None:
    return next((str(row[column]).strip() for column in columns if row.get(column)), None)


def _close(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
