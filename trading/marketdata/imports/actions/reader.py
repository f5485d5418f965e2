"""Files of corporate actions: NSE's daily `bc….csv`, its download of the website, and its JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from trading.instruments.domain.keys import Exchange, InstrumentKey, MalformedKey

from ..files import FileBroken, Progress, Reject, csv_rows, is_garbled, text_of

_DATE_FORMATS = ("%Y-%m-%d", "%d-%b-%Y", "%d/%m/%Y", "%d-%m-%Y")
_BLANK = frozenset({"", "-"})


class ActionFault(StrEnum):
    """Why a row of a file of corporate actions was refused."""

    BAD_COLUMNS = "bad_columns"
    BAD_ENCODING = "bad_encoding"
    BAD_SYMBOL = "bad_symbol"
    BAD_DATE = "bad_date"
    NO_PURPOSE = "no_purpose"
    CONFLICTING_ROW = "conflicting_row"
    CONFLICTS_WITH_STORED = "conflicts_with_stored"


@dataclass(frozen=True, slots=True)
class ActionFormat:
    """How a file's columns are called."""

    name: str
    symbol: str
    company: str
    purpose: str
    ex_date: str
    record_date: str
    face_value: str = ""

    @property
    def required(self) -> frozenset[str]:
        """Columns without which a file is not of this format."""
        return frozenset({self.symbol, self.purpose, self.ex_date})


CSV_FORMATS = (
    ActionFormat("bc-csv", "SYMBOL", "SECURITY", "PURPOSE", "EX_DT", "RECORD_DT"),
    ActionFormat("website-csv", "SYMBOL", "COMPANY NAME", "PURPOSE", "EX-DATE", "RECORD DATE", "FACE VALUE"),
)
JSON_FORMAT = ActionFormat("website-json", "symbol", "comp", "subject", "exDate", "recDate", "faceVal")


@dataclass(frozen=True, slots=True)
class Announced:
    """One row: what a company announced. `row` counts from the header as 1, in JSON from the first entry as 1."""

    row: int
    symbol: str
    company: str
    purpose: str
    ex_date: date
    record_date: date | None
    face_value: Decimal | None


@dataclass(slots=True)
class ActionFile:
    """A whole file. Rows without ex-date come as `undated`: bonds have none, shares should."""

    format: ActionFormat
    rows_read: int = 0
    announced: list[Announced] = field(default_factory=list)
    undated: list[tuple[int, str]] = field(default_factory=list)
    """Row numbers and purposes."""
    rejects: list[Reject] = field(default_factory=list)


def action_file_read(path: Path, *, progress: Progress | None = None) -> ActionFile:
    """Read a file of corporate actions of any known format; raises FileBroken."""
    return _read_json(path) if path.name.removesuffix(".gz").endswith(".json") else _read_csv(path, progress)


def _read_csv(path: Path, progress: Progress | None) -> ActionFile:
    with csv_rows(path, errors="replace", progress=progress) as (rows, report):
        header = [column.strip() for column in next(rows, [])]
        known = (each for each in CSV_FORMATS if each.required <= set(header))
        file_format = next(known, None)
        if file_format is None:
            raise FileBroken("unknown_columns", ", ".join(header)[:300] or "the file is empty")
        read = ActionFile(file_format)
        for number, row in enumerate(rows, start=2):
            if len(row) == len(header):
                _take(read, number, dict(zip(header, row, strict=True)))
            elif row:
                read.rows_read += 1
                read.rejects.append(Reject(number, ActionFault.BAD_COLUMNS, ",".join(row)[:200]))
        report()
    return read


def _read_json(path: Path) -> ActionFile:
    try:
        entries = json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise FileBroken("broken_json", str(error)) from error
    if isinstance(entries, dict):
        entries = entries.get("data")
    if not isinstance(entries, list):
        raise FileBroken("unknown_columns", "not a list of corporate actions")
    read = ActionFile(JSON_FORMAT)
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, dict) and JSON_FORMAT.required <= set(entry):
            _take(read, number, entry)
        else:
            read.rows_read += 1
            read.rejects.append(Reject(number, ActionFault.BAD_COLUMNS, str(entry)[:200]))
    return read


def _take(read: ActionFile, number: int, row: Mapping[str, object]) -> None:
    read.rows_read += 1
    names = read.format
    cell = {name: str(row.get(name) or "").strip() for name in row}
    purpose = " ".join(cell[names.purpose].split())[:300]
    fault = _fault(cell, names, purpose)
    if fault is None and cell[names.ex_date] in _BLANK:
        read.undated.append((number, purpose))
        return
    ex_date = _date(cell[names.ex_date])
    if fault is None and ex_date is None:
        fault = ActionFault.BAD_DATE
    if fault is not None or ex_date is None:
        read.rejects.append(Reject(number, fault or ActionFault.BAD_DATE, ",".join(cell.values())[:200]))
        return
    read.announced.append(
        Announced(
            row=number,
            symbol=cell[names.symbol].upper(),
            company=cell.get(names.company, "")[:120],
            purpose=purpose,
            ex_date=ex_date,
            record_date=_date(cell.get(names.record_date, "")),
            face_value=_face_value(cell.get(names.face_value, "")),
        )
    )


def _fault(cell: Mapping[str, str], names: ActionFormat, purpose: str) -> ActionFault | None:
    if any(is_garbled(text) for text in cell.values()):
        return ActionFault.BAD_ENCODING
    try:
        InstrumentKey(Exchange.NSE, cell[names.symbol].upper())
    except MalformedKey:
        return ActionFault.BAD_SYMBOL
    return None if purpose else ActionFault.NO_PURPOSE


def _date(text: str) -> date | None:
    for written in _DATE_FORMATS:
        try:
            found = datetime.strptime(text, written).date()  # noqa: DTZ007
        except ValueError:
            continue
        return found if found.year >= 1994 else None
    return None


def _face_value(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None
