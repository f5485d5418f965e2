"""Turning rows of strings into rows of one shape."""

from datetime import date, datetime
from decimal import Decimal

from trading.instruments.domain.keys import Exchange, InstrumentKey, MalformedKey, Right
from trading.instruments.masters.listing import RowRefused, contract_key, key_of, nse_security

from ..files import is_garbled
from .cells import MOST, count_of, optional, price_of, price_or_zero, right_of
from .formats import BhavcopyFormat
from .row import BhavcopyFault, CellRefused, ContractTerms, Quoted

_LARGEST_LOT = 2**31 - 1
_SHARES = "EQ"

# UDiFF's kinds of instruments in the cash market and in futures and options (stock and index).
_CASH = frozenset({"STK"})
_FUTURES = frozenset({"STF", "IDF"})
_OPTIONS = frozenset({"STO", "IDO"})
_ON_INDEX = frozenset({"IDF", "IDO"})


class RowParser:
    """Turns rows of strings into `Quoted`."""

    def __init__(self, header: list[str], file_format: BhavcopyFormat, until: date) -> None:
        # Old files end every line with a comma, their header included or not.
        self._width = len(header)
        self._at = {name: position for position, name in enumerate(header) if name}
        self._format = file_format
        self._until = until
        self._dates: dict[str, date] = {}

    def parse(self, number: int, row: list[str]) -> Quoted | None:
        """The row's content, None for a kind of instrument that is not kept; raises CellRefused."""
        if abs(len(row) - self._width) > 1 or len(row) < len(self._at):
            raise CellRefused(BhavcopyFault.BAD_COLUMNS)
        cell = {name: row[position].strip() for name, position in self._at.items()}
        if any(is_garbled(text) for text in cell.values()):
            raise CellRefused(BhavcopyFault.BAD_ENCODING)
        kind = cell[self._format.kind] if self._format.kind else "STK"
        if kind not in _CASH | _FUTURES | _OPTIONS:
            return None
        contract = self._contract(cell, kind) if kind not in _CASH else None
        key = self._key(cell, contract)
        return None if key is None else self._quoted(number, cell, key, contract)

    def _quoted(
        self, number: int, cell: dict[str, str], key: InstrumentKey, contract: ContractTerms | None
    ) -> Quoted:
        names = self._format
        volume = count_of(cell[names.volume]) * (contract.lot_size if contract else 1)
        if volume > MOST:
            raise CellRefused(BhavcopyFault.BAD_NUMBER)
        close = price_of(cell[names.close])
        traded = [price_of(cell[name]) for name in (names.open, names.high, names.low)]
        if volume == 0:
            # What nobody traded has no open, high or low: the exchange writes zeros.
            traded = [close, close, close]
        turnover = optional(price_or_zero, cell.get(names.turnover, ""))
        if turnover is not None and turnover * names.turnover_unit > MOST:
            raise CellRefused(BhavcopyFault.BAD_NUMBER)
        return Quoted(
            row=number,
            key=key,
            date=self._date(cell[names.date]),
            series=cell.get(names.series, _SHARES),
            isin=cell.get(names.isin, ""),
            open=traded[0],
            high=traded[1],
            low=traded[2],
            close=close,
            volume=volume,
            oi=optional(count_of, cell.get(names.oi, "")) or 0,
            previous_close=optional(price_of, cell.get(names.previous_close, "")) or None,
            turnover=None if turnover is None else (turnover * names.turnover_unit).quantize(Decimal("0.01")),
            trades=optional(count_of, cell.get(names.trades, "")),
            delivered=optional(count_of, cell.get(names.delivered, "")),
            settlement=optional(price_of, cell[names.settlement]) if contract else None,
            contract=contract,
        )

    def _key(self, cell: dict[str, str], contract: ContractTerms | None) -> InstrumentKey | None:
        symbol = cell[self._format.symbol]
        try:
            if contract is None:
                series = cell.get(self._format.series, _SHARES).upper()
                bare, _ = nse_security(symbol, series, cell.get(self._format.isin, ""))
                return key_of(Exchange.NSE, bare)
            month = f"{symbol}{contract.expiry:%y%b}".upper()
            weekly = not cell["FinInstrmNm"].startswith(month)
            return contract_key(
                Exchange.NFO, symbol, contract.right, contract.expiry, contract.strike, weekly=weekly
            )
        except RowRefused as refused:
            if refused.reason in ("unsupported_type", "test_instrument"):
                return None
            raise CellRefused(BhavcopyFault.BAD_SYMBOL) from refused
        except MalformedKey as error:
            raise CellRefused(BhavcopyFault.BAD_SYMBOL) from error

    def _contract(self, cell: dict[str, str], kind: str) -> ContractTerms:
        right = Right.FUTURE if kind in _FUTURES else right_of(cell["OptnTp"])
        strike = None if right is Right.FUTURE else price_of(cell["StrkPric"])
        lot = count_of(cell["NewBrdLotQty"])
        if not 1 <= lot <= _LARGEST_LOT or strike == 0:
            raise CellRefused(BhavcopyFault.BAD_NUMBER)
        return ContractTerms(
            underlying=cell[self._format.symbol],
            right=right,
            expiry=self._date(cell["XpryDt"], is_expiry=True),
            strike=strike,
            lot_size=lot,
            on_index=kind in _ON_INDEX,
            underlying_close=optional(price_of, cell["UndrlygPric"]) or None,
        )

    def _date(self, text: str, *, is_expiry: bool = False) -> date:
        if text not in self._dates:
            try:
                self._dates[text] = datetime.strptime(text, self._format.date_format).date()  # noqa: DTZ007
            except ValueError as error:
                raise CellRefused(BhavcopyFault.BAD_DATE) from error
        day = self._dates[text]
        if day.year < 1994 or (day > self._until and not is_expiry):
            raise CellRefused(BhavcopyFault.BAD_DATE)
        return day
