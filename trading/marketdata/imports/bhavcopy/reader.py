"""A bhavcopy as rows of one shape; whatever is wrong with a row is told with its number and a reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from trading.instruments.domain.keys import Exchange, InstrumentKey, MalformedKey, Right
from trading.instruments.masters.listing import RowRefused, contract_key, key_of, nse_security

from ..files import FileBroken, Progress, Reject, csv_rows, is_garbled
from .formats import BhavcopyFormat, detect

T = TypeVar("T")

_HIGHEST_PRICE = Decimal(100_000_000)
_MOST = 10**17
_LARGEST_LOT = 2**31 - 1
_FINEST = Decimal("0.0001")
_REPORT_EVERY = 2_000
_BLANK = frozenset({"", "-"})

# UDiFF's kinds of instruments in the cash market and in futures and options (stock and index).
_CASH = frozenset({"STK"})
_FUTURES = frozenset({"STF", "IDF"})
_OPTIONS = frozenset({"STO", "IDO"})
_ON_INDEX = frozenset({"IDF", "IDO"})


class BhavcopyFault(StrEnum):
    """Why a row of a bhavcopy was refused."""

    BAD_COLUMNS = "bad_columns"
    BAD_ENCODING = "bad_encoding"
    BAD_SYMBOL = "bad_symbol"
    BAD_DATE = "bad_date"
    BAD_NUMBER = "bad_number"
    IMPOSSIBLE_PRICES = "impossible_prices"
    NEGATIVE_VOLUME = "negative_volume"
    CONFLICTING_ROW = "conflicting_row"


class _Refused(Exception):
    def __init__(self, fault: BhavcopyFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Quoted:
    """One instrument's day; rupees and units. `settlement` and `contract` are futures' and options'."""

    row: int
    key: InstrumentKey
    date: date
    series: str
    isin: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    oi: int = 0
    previous_close: Decimal | None = None
    turnover: Decimal | None = None
    trades: int | None = None
    delivered: int | None = None
    settlement: Decimal | None = None
    contract: "ContractTerms | None" = None

    def same_as(self, other: "Quoted") -> bool:
        """Whether two rows say the same, wherever in the file they stand."""
        return all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__ if name not in ("row", "series")
        )


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a row says of the future or option itself."""

    underlying: str
    right: Right
    expiry: date
    strike: Decimal | None
    lot_size: int
    on_index: bool
    underlying_close: Decimal | None


@dataclass(slots=True)
class Bhavcopy:
    """A whole file; `skipped` counts rows of kinds that are not kept."""

    format: BhavcopyFormat
    rows_read: int = 0
    quoted: list[Quoted] = field(default_factory=list)
    unbarred: list[Quoted] = field(default_factory=list)
    """Rows whose prices contradict each other but whose settlement price stands; they are among the rejects."""
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0
    duplicates: int = 0


def bhavcopy_read(path: Path, *, until: date, progress: Progress | None = None) -> Bhavcopy:
    """Read a bhavcopy (CSV, gzipped or zipped) of any known format; raises FileBroken.

    Rows of days after `until` are refused. An exact repetition is dropped and counted, contradicting rows of one
    instrument and day are all refused.
    """
    with csv_rows(path, errors="replace", progress=progress) as (rows, report):
        header = [column.strip() for column in next(rows, [])]
        file_format = detect(header)
        if file_format is None:
            raise FileBroken("unknown_columns", ", ".join(header)[:300] or "the file is empty")
        bhavcopy = Bhavcopy(file_format)
        parser = _RowParser(header, file_format, until)
        for number, row in enumerate(rows, start=2):
            if row:
                _take(bhavcopy, parser, number, row)
            if number % _REPORT_EVERY == 0:
                report()
    bhavcopy.quoted = _unique(bhavcopy)
    bhavcopy.rejects.sort(key=lambda reject: reject.row)
    return bhavcopy


def _take(bhavcopy: Bhavcopy, parser: "_RowParser", number: int, row: list[str]) -> None:
    bhavcopy.rows_read += 1
    try:
        quoted = parser.parse(number, row)
        if quoted is None:
            bhavcopy.skipped += 1
        elif not _is_possible(quoted):
            bhavcopy.unbarred.append(quoted)
            raise _Refused(BhavcopyFault.IMPOSSIBLE_PRICES)
        else:
            bhavcopy.quoted.append(quoted)
    except _Refused as refused:
        bhavcopy.rejects.append(Reject(number, refused.fault, ",".join(row)[:200]))


class _RowParser:
    """Turns rows of strings into `Quoted`."""

    def __init__(self, header: list[str], file_format: BhavcopyFormat, until: date) -> None:
        # Old files end every line with a comma, their header included or not.
        self._width = len(header)
        self._at = {name: position for position, name in enumerate(header) if name}
        self._format = file_format
        self._until = until
        self._dates: dict[str, date] = {}

    def parse(self, number: int, row: list[str]) -> Quoted | None:
        """The row's content, None for a kind of instrument that is not kept; raises _Refused."""
        if abs(len(row) - self._width) > 1 or len(row) < len(self._at):
            raise _Refused(BhavcopyFault.BAD_COLUMNS)
        cell = {name: row[position].strip() for name, position in self._at.items()}
        if any(is_garbled(text) for text in cell.values()):
            raise _Refused(BhavcopyFault.BAD_ENCODING)
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
        volume = _count(cell[names.volume]) * (contract.lot_size if contract else 1)
        if volume > _MOST:
            raise _Refused(BhavcopyFault.BAD_NUMBER)
        close = _price(cell[names.close])
        traded = [_price(cell[name]) for name in (names.open, names.high, names.low)]
        if volume == 0:
            # What nobody traded has no open, high or low: the exchange writes zeros.
            traded = [close, close, close]
        turnover = _optional(_price_or_zero, cell.get(names.turnover, ""))
        if turnover is not None and turnover * names.turnover_unit > _MOST:
            raise _Refused(BhavcopyFault.BAD_NUMBER)
        return Quoted(
            row=number,
            key=key,
            date=self._date(cell[names.date]),
            series=cell[names.series],
            isin=cell.get(names.isin, ""),
            open=traded[0],
            high=traded[1],
            low=traded[2],
            close=close,
            volume=volume,
            oi=_optional(_count, cell.get(names.oi, "")) or 0,
            previous_close=_optional(_price, cell[names.previous_close]) or None,
            turnover=None if turnover is None else (turnover * names.turnover_unit).quantize(Decimal("0.01")),
            trades=_optional(_count, cell.get(names.trades, "")),
            delivered=_optional(_count, cell.get(names.delivered, "")),
            settlement=_optional(_price, cell[names.settlement]) if contract else None,
            contract=contract,
        )

    def _key(self, cell: dict[str, str], contract: ContractTerms | None) -> InstrumentKey | None:
        symbol = cell[self._format.symbol]
        try:
            if contract is None:
                bare, _ = nse_security(symbol, cell[self._format.series].upper(), cell.get(self._format.isin, ""))
                return key_of(Exchange.NSE, bare)
            month = f"{symbol}{contract.expiry:%y%b}".upper()
            weekly = not cell["FinInstrmNm"].startswith(month)
            return contract_key(
                Exchange.NFO, symbol, contract.right, contract.expiry, contract.strike, weekly=weekly
            )
        except RowRefused as refused:
            if refused.reason in ("unsupported_type", "test_instrument"):
                return None
            raise _Refused(BhavcopyFault.BAD_SYMBOL) from refused
        except MalformedKey as error:
            raise _Refused(BhavcopyFault.BAD_SYMBOL) from error

    def _contract(self, cell: dict[str, str], kind: str) -> ContractTerms:
        right = Right.FUTURE if kind in _FUTURES else _right(cell["OptnTp"])
        strike = None if right is Right.FUTURE else _price(cell["StrkPric"])
        lot = _count(cell["NewBrdLotQty"])
        if not 1 <= lot <= _LARGEST_LOT or strike == 0:
            raise _Refused(BhavcopyFault.BAD_NUMBER)
        return ContractTerms(
            underlying=cell[self._format.symbol],
            right=right,
            expiry=self._date(cell["XpryDt"], is_expiry=True),
            strike=strike,
            lot_size=lot,
            on_index=kind in _ON_INDEX,
            underlying_close=_optional(_price, cell["UndrlygPric"]) or None,
        )

    def _date(self, text: str, *, is_expiry: bool = False) -> date:
        if text not in self._dates:
            try:
                self._dates[text] = datetime.strptime(text, self._format.date_format).date()  # noqa: DTZ007
            except ValueError as error:
                raise _Refused(BhavcopyFault.BAD_DATE) from error
        day = self._dates[text]
        if day.year < 1994 or (day > self._until and not is_expiry):
            raise _Refused(BhavcopyFault.BAD_DATE)
        return day


def _right(text: str) -> Right:
    if text not in (Right.CALL, Right.PUT):
        raise _Refused(BhavcopyFault.BAD_SYMBOL)
    return Right(text)


def _is_possible(quoted: Quoted) -> bool:
    return (
        0 < quoted.low <= quoted.open <= quoted.high
        and quoted.low <= quoted.close <= quoted.high
        and (quoted.previous_close is None or quoted.previous_close > 0)
    )


def _price(text: str) -> Decimal:
    value = _price_or_zero(text)
    if value > _HIGHEST_PRICE or value != value.quantize(_FINEST):
        raise _Refused(BhavcopyFault.BAD_NUMBER)
    return value


def _price_or_zero(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise _Refused(BhavcopyFault.BAD_NUMBER) from error
    if not value.is_finite() or abs(value) > _MOST:
        raise _Refused(BhavcopyFault.BAD_NUMBER)
    if value < 0:
        raise _Refused(BhavcopyFault.IMPOSSIBLE_PRICES)
    return value


def _count(text: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise _Refused(BhavcopyFault.BAD_NUMBER) from error
    if not value.is_finite() or abs(value) > _MOST or value != value.to_integral_value():
        raise _Refused(BhavcopyFault.BAD_NUMBER)
    if value < 0:
        raise _Refused(BhavcopyFault.NEGATIVE_VOLUME)
    return int(value)


def _optional(read: Callable[[str], T], text: str) -> T | None:
    return None if text in _BLANK else read(text)


def _unique(bhavcopy: Bhavcopy) -> list[Quoted]:
    """One row for each instrument and day; repetitions and contradictions go into the bhavcopy's counts."""
    groups: dict[tuple[InstrumentKey, date], list[Quoted]] = {}
    for quoted in bhavcopy.quoted:
        groups.setdefault((quoted.key, quoted.date), []).append(quoted)
    kept = []
    for same in groups.values():
        if all(each.same_as(same[0]) for each in same[1:]):
            kept.append(same[0])
            bhavcopy.duplicates += len(same) - 1
        else:
            bhavcopy.rejects.extend(
                Reject(each.row, BhavcopyFault.CONFLICTING_ROW, f"another row says otherwise of {each.key}")
                for each in same
            )
    return kept
