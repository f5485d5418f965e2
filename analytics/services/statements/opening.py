"""From the bytes of a file to what it tells, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from analytics.domain.statements import (
    FIELDS,
    NoteCharges,
    ReadStatement,
    StatementFormat,
    StatementKind,
    detect,
    format_of,
    note_charges,
    note_date,
    read_sheet,
)
from analytics.domain.statements.formats import guess
from analytics.domain.statements.reading import HEADER_WITHIN, find_header
from analytics.imports import FileBroken, Sheet, sheets_of
from core.errors import InvalidInput, NotFound

PREVIEW_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a file is to be read: by a format, by a mapping with its kind, else by what it says itself.

    `day` is the date of a file that tells none, as of holdings. `sheet` names one of several.
    """

    format: str = ""
    kind: StatementKind | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    day: date | None = None
    day_first: bool = True
    sheet: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as read, with what a contract note says beside its table."""

    statement: ReadStatement
    day: date | None
    charges: NoteCharges | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mapping is made from: the columns of the header that was found, `samples` below it, and a guess."""

    sheets: tuple[str, ...]
    sheet: str
    format: str
    kind: StatementKind
    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    mapping: Mapping[str, str]
    day: date | None


def opened(content: bytes, way: Way) -> Opened:
    """Read a file. Several sheets of one format are read as one.

    Raises:
        InvalidInput: the codes of `sheets_of` and `read_sheet`, `sheet_unknown`, `several_kinds`.
        NotFound: `unknown_format`.
    """
    known = format_of(way.format) if way.format else None
    if way.format and known is None:
        raise NotFound("There is no such format.", code="unknown_format")
    read: list[tuple[Sheet, ReadStatement]] = []
    refusal: InvalidInput | None = None
    days = []
    for sheet in _sheets(content, way):
        day = way.day or note_date(sheet.rows)
        try:
            statement = read_sheet(
                sheet.rows,
                known=known,
                kind=way.kind,
                mapping=way.mapping or None,
                day=day,
                day_first=way.day_first,
            )
        except InvalidInput as error:
            refusal = refusal or error
            continue
        read.append((sheet, statement))
        days.append(day)
    if not read:
        assert refusal is not None
        raise refusal
    if len({statement.format_key for _, statement in read}) > 1:
        raise InvalidInput("The file holds statements of several kinds: name the sheet.", code="several_kinds")
    first = read[0][1]
    whole = ReadStatement(
        first.kind,
        first.format_key,
        first.header_row,
        first.columns,
        tuple(record for _, each in read for record in each.records),
        tuple(fault for _, each in read for fault in each.faults),
        sum(each.skipped for _, each in read),
    )
    charges = note_charges(read[0][0].rows) if first.kind is StatementKind.CONTRACT_NOTE else None
    return Opened(whole, days[0], charges)


def statement_preview(content: bytes, way: Way) -> Preview:
    """What the file looks like, for a mapping by hand. Raises InvalidInput as `sheets_of`, `sheet_unknown`,
    `no_header`."""
    sheets = _sheets(content, way)
    for sheet in sheets:
        place, found = _header(sheet)
        if place is None:
            continue
        header = tuple(cell for cell in sheet.rows[place] if cell.strip())
        kind = way.kind or (found.kind if found else _likely(header))
        below = (tuple(row) for row in sheet.rows[place + 1 :] if any(cell.strip() for cell in row))
        return Preview(
            sheets=tuple(each.name for each in sheets),
            sheet=sheet.name,
            format=found.key if found else "",
            kind=kind,
            columns=header,
            samples=tuple(row for row, _ in zip(below, range(PREVIEW_ROWS), strict=False)),
            mapping=guess(kind, header),
            day=note_date(sheet.rows),
        )
    raise InvalidInput("No row of the file looks like the heading of a table.", code="no_header")


def _sheets(content: bytes, way: Way) -> tuple[Sheet, ...]:
    try:
        sheets = sheets_of(content, password=way.password)
    except FileBroken as error:
        raise InvalidInput(error.detail, code=error.code, errors={"file": [error.detail]}) from error
    if not way.sheet:
        return sheets
    chosen = tuple(each for each in sheets if each.name == way.sheet)
    if not chosen:
        raise InvalidInput("The file has no sheet of that name.", code="sheet_unknown")
    return chosen


def _header(sheet: Sheet) -> tuple[int | None, StatementFormat | None]:
    for place, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if (found := detect(row)) is not None:
            return place, found
    return find_header(sheet.rows), None


def _likely(header: tuple[str, ...]) -> StatementKind:
    """The kind of which the header answers most of the required fields."""

    def answered(kind: StatementKind) -> float:
        required = [each.name for each in FIELDS[kind] if each.required]
        return sum(name in guess(kind, header) for name in required) / len(required)

    return max((StatementKind.TRADES, StatementKind.LEDGER, StatementKind.HOLDINGS), key=answered)
