"""From rows of cells to records. A statement begins with its owner's name and address, so the header is looked for;
below the rows come totals and legal notices, which are no faults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import InvalidInput

from .fields import FIELDS, StatementKind, plain
from .formats import GENERIC, StatementFormat, detect
from .records import HoldingRecord, LedgerRecord, Record, TradeRecord
from .values import Unreadable, read_date, read_number, read_right, read_side, read_time, read_units

Row = Sequence[str]
HEADER_WITHIN = 60
"""Rows in which a header is looked for."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not read, and why; `row` counts from 1, `code` is stable."""

    row: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """What was read. `columns` maps fields to the headings that were used, `header_row` counts from 1."""

    kind: StatementKind
    format_key: str
    header_row: int
    columns: Mapping[str, str]
    records: tuple[Record, ...]
    faults: tuple[RowFault, ...]
    skipped: int


def read_sheet(
    rows: Sequence[Row],
    *,
    known: StatementFormat | None = None,
    kind: StatementKind | None = None,
    mapping: Mapping[str, str] | None = None,
    day: date | None = None,
    day_first: bool = True,
) -> ReadStatement:
    """Read a sheet by a known format, by a mapping of fields to headings and its kind, or by what the header says.

    `day` stands for the date where the sheet has no such column, as on a contract note.

    Raises:
        InvalidInput: `statement_unknown` when no header is understood, `day_unknown` when neither the sheet nor the
            caller says the date, and for a mapping `field_unknown`, `mapping_incomplete`, `column_missing`.
    """
    if mapping is not None and kind is not None:
        place, columns, key = _by_mapping(rows, kind, mapping)
    else:
        place, found = _header(rows, known)
        kind, key, day_first = found.kind, found.key, found.day_first
        header = {plain(heading): heading for heading in rows[place]}
        columns = {name: header[heading] for name, heading in found.columns.items() if heading in header}
    positions = {plain(heading): number for number, heading in reversed(list(enumerate(rows[place])))}
    if kind is not StatementKind.HOLDINGS and "date" not in columns and day is None:
        raise InvalidInput("Neither the file nor you say of which day it is.", code="day_unknown")
    cells = {name: positions[plain(heading)] for name, heading in columns.items()}
    records, faults, skipped = _records(rows, place, _Reader(kind, cells, day, day_first))
    return ReadStatement(kind, key, place + 1, columns, tuple(records), tuple(faults), skipped)


def find_header(rows: Sequence[Row], wanted: int = 3) -> int | None:
    """The first row with at least so many filled cells, all of them words: where a mapping by hand begins."""
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) >= wanted and not any(_is_number(cell) for cell in filled):
            return place
    return None


def _is_number(cell: str) -> bool:
    try:
        read_number(cell)
    except Unreadable:
        return False
    return True


def _header(rows: Sequence[Row], known: StatementFormat | None) -> tuple[int, StatementFormat]:
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if known is not None and known.headings <= set(map(plain, row)):
            return place, known
        if known is None and (found := detect(row)) is not None:
            return place, found
    which = f"a file of “{known.title}”" if known else "a statement of a known format"
    raise InvalidInput(f"This is not {which}: its columns were not found.", code="statement_unknown")


def _by_mapping(
    rows: Sequence[Row], kind: StatementKind, mapping: Mapping[str, str]
) -> tuple[int, dict[str, str], str]:
    columns = {name: heading for name, heading in mapping.items() if heading}
    names = {each.name for each in FIELDS[kind]}
    if unknown := sorted(set(columns) - names):
        raise InvalidInput(f"There is no field {unknown[0][:40]!r}.", code="field_unknown")
    missing = [each for each in FIELDS[kind] if each.required and each.name not in columns]
    if missing:
        told = ", ".join(each.title.lower() for each in missing)
        raise InvalidInput(f"Say which columns hold: {told}.", code="mapping_incomplete")
    if kind is StatementKind.LEDGER and not columns.keys() & {"debit", "credit", "amount"}:
        raise InvalidInput("Say which column holds the amount, or debit and credit.", code="mapping_incomplete")
    wanted = {plain(heading) for heading in columns.values()}
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if wanted <= set(map(plain, row)):
            return place, columns, GENERIC
    raise InvalidInput("No row of the file has all of these columns.", code="column_missing")


class _Reader:
    """Makes records of the cells of one statement."""

    def __init__(self, kind: StatementKind, cells: Mapping[str, int], day: date | None, day_first: bool) -> None:
        self._cells, self._day, self._day_first = cells, day, day_first
        self._required = [each.name for each in FIELDS[kind] if each.required and each.name in cells]
        makers: dict[StatementKind, Callable[[int, Row], Record]] = {
            StatementKind.TRADES: self._trade,
            StatementKind.CONTRACT_NOTE: self._trade,
            StatementKind.LEDGER: self._ledger,
            StatementKind.HOLDINGS: self._holding,
        }
        self.make = makers[kind]

    def is_row(self, row: Row) -> bool:
        """Whether a row belongs to the table: totals and notices below it leave required cells empty."""
        return all(self._text(row, name) for name in self._required)

    def _text(self, row: Row, name: str) -> str:
        place = self._cells.get(name)
        # A database takes no null character, which PDFs and UTF-16 may hold.
        return row[place].replace("\x00", "").strip() if place is not None and place < len(row) else ""

    def _date(self, row: Row) -> date:
        if "date" not in self._cells and self._day is not None:
            return self._day
        return read_date(self._text(row, "date"), day_first=self._day_first)

    def _trade(self, number: int, row: Row) -> TradeRecord:
        quantity = read_units(self._text(row, "quantity").lstrip("-"))
        price = read_number(self._text(row, "price"))
        if quantity == 0:
            raise Unreadable("bad_quantity", "a trade of no units")
        if price <= 0:
            raise Unreadable("bad_price", f"a price of {price} rupees")
        expiry, strike = self._text(row, "expiry"), self._text(row, "strike")
        return TradeRecord(
            row=number,
            traded_on=self._date(row),
            traded_at=read_time(self._text(row, "time")),
            symbol=self._text(row, "symbol").upper(),
            side=read_side(self._text(row, "side")),
            quantity=quantity,
            price=price,
            exchange=self._text(row, "exchange").upper(),
            isin=self._text(row, "isin").upper(),
            trade_id=self._text(row, "trade_id"),
            order_id=self._text(row, "order_id"),
            expiry=read_date(expiry, day_first=self._day_first) if expiry not in ("", "-") else None,
            strike=read_number(strike) if strike not in ("", "-") else None,
            right=read_right(self._text(row, "right")),
        )

    def _ledger(self, number: int, row: Row) -> LedgerRecord:
        if "amount" in self._cells:
            amount = read_number(self._text(row, "amount"))
        else:
            credit = read_number(self._text(row, "credit"), empty=ZERO)
            amount = credit - abs(read_number(self._text(row, "debit"), empty=ZERO))
        balance = self._text(row, "balance")
        return LedgerRecord(
            row=number,
            posted_on=self._date(row),
            text=self._text(row, "text")[:300],
            voucher=self._text(row, "voucher")[:100],
            amount=amount,
            balance=read_number(balance) if balance not in ("", "-") else None,
        )

    def _holding(self, number: int, row: Row) -> HoldingRecord:
        average, last = self._text(row, "average_price"), self._text(row, "last_price")
        return HoldingRecord(
            row=number,
            symbol=self._text(row, "symbol").upper(),
            isin=self._text(row, "isin").upper(),
            quantity=read_units(self._text(row, "quantity")),
            average_price=read_number(average) if average not in ("", "-") else None,
            last_price=read_number(last) if last not in ("", "-") else None,
        )


def _records(rows: Sequence[Row], header: int, reader: _Reader) -> tuple[list[Record], list[RowFault], int]:
    records: list[Record] = []
    faults: list[RowFault] = []
    skipped = 0
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        if not any(cell.strip() for cell in row):
            continue
        if not reader.is_row(row):
            skipped += 1
            continue
        try:
            records.append(reader.make(number, row))
        except Unreadable as fault:
            faults.append(RowFault(number, fault.code, str(fault)))
    return records, faults, skipped
