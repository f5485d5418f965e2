"""Opening a broker's file, whatever it is, as sheets of cells: CSV in any common encoding, XLSX and XLS, PDF with
tables. A file is judged by its first bytes, not by its name, and bounded before it is unpacked."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException
from python_calamine import CalamineError, CalamineWorkbook

MOST_BYTES = 20 << 20
MOST_UNPACKED = 200 << 20
MOST_ROWS = 200_000
MOST_CELLS = 5_000_000
MOST_PAGES = 300
_ZIP, _XLS, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-"
_ENCODINGS = ("utf-8-sig", "cp1252")
_DELIMITERS = ",;\t|"
_LOOKED_AT = 20_000
"""Characters at the beginning of a text from which its delimiter is told."""
_AMOUNT_AT_END = re.compile(r"(.*\D)\s+(\(?-?[\d,]+\.\d{1,4}\)?)", re.ASCII)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class FileBroken(Exception):
    """The file as a whole cannot be read, so nothing of it is stored. `code` is stable, `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file, named as the file names it; every cell is text."""

    name: str
    rows: Sequence[Sequence[str]]


def is_text(content: bytes) -> bool:
    """Whether a file is read without a parser of a foreign format."""
    return not content.startswith((_PDF, _ZIP, _XLS))


def sheets_in(content: bytes, *, password: str = "") -> tuple[Sheet, ...]:
    """See `apart.sheets_of`, which keeps what this may do to a process away from the house."""
    if not content.strip():
        raise FileBroken("file_empty", "The file is empty.")
    if len(content) > MOST_BYTES:
        raise FileBroken("file_too_large", f"The file is larger than {MOST_BYTES >> 20} MB.")
    if content.startswith(_PDF):
        found = [_pdf(content, password)]
    elif content.startswith((_ZIP, _XLS)):
        found = list(_workbook(content))
    else:
        found = [_csv(content)]
    sheets = tuple(sheet for sheet in found if sheet.rows)
    if not sheets:
        raise FileBroken("file_empty", "The file holds no rows.")
    if sum(len(sheet.rows) for sheet in sheets) > MOST_ROWS:
        raise FileBroken("file_too_large", f"The file has more than {MOST_ROWS} rows.")
    return sheets


def _csv(content: bytes) -> Sheet:
    text = _decoded(content)
    try:
        rows = list(_bounded(_rows(text, _delimiter(text))))
    except csv.Error as error:
        raise FileBroken("file_unreadable", f"The CSV is broken: {error}.") from error
    if not text.endswith(("\n", "\r")) and _is_cut(rows):
        raise FileBroken("file_cut", "The last line ends before its last cell: the file is cut off.")
    return Sheet("", rows)


def _is_cut(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the last row, which no line end closes, stops short of the one before. One cell alone is a remark."""
    return len(rows) > 1 and 1 < len(rows[-1]) < len(rows[-2])


def _delimiter(text: str) -> str:
    """The one that makes the most rows as wide as each other, the widest of these; `csv.Sniffer` takes seconds over
    a few kilobytes of quotation marks."""

    def regular(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(map(len, _rows(text[:_LOOKED_AT], delimiter)))
        except csv.Error:
            return 0, 0
        return max(((rows, width) for width, rows in widths.items() if width > 1), default=(0, 0))

    return max(_DELIMITERS, key=regular)


def _rows(text: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)


def _bounded(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    """Rows as they are read, so that too many are never held."""
    cells = 0
    for number, row in enumerate(reader, start=1):
        cells += len(row)
        if number > MOST_ROWS:
            raise FileBroken("file_too_large", f"The file has more than {MOST_ROWS} rows.")
        if cells > MOST_CELLS:
            raise FileBroken("file_too_large", f"The file has more than {MOST_CELLS} cells.")
        yield [cell.strip() for cell in row]


def _decoded(content: bytes) -> str:
    if b"\x00" in content and not content.startswith(_UTF_16):
        raise FileBroken("file_unreadable", "This is neither a CSV, an Excel nor a PDF file.")
    for encoding in ("utf-16",) if content.startswith(_UTF_16) else _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileBroken("file_encoding", "The text is in no encoding that is known.")


def _workbook(content: bytes) -> Iterator[Sheet]:
    _check_unpacked(content)
    cells = 0
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            cells += sheet.total_height * sheet.total_width
            if cells > MOST_CELLS:
                # One cell far off makes all of those before it.
                raise FileBroken("file_too_large", f"The workbook has more than {MOST_CELLS} cells.")
            rows = sheet.to_python(skip_empty_area=False)
            yield Sheet(name, [[_cell(value) for value in row] for row in rows])
    except CalamineError as error:
        code = "password_needed" if "password" in str(error).lower() else "file_unreadable"
        raise FileBroken(code, "The workbook cannot be opened.") from error


def _check_unpacked(content: bytes) -> None:
    """A workbook of a few kilobytes may unpack to gigabytes."""
    if not content.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise FileBroken("file_unreadable", "The workbook is broken or cut off.") from error
    if size > MOST_UNPACKED:
        raise FileBroken("file_too_large", f"The workbook unpacks to more than {MOST_UNPACKED >> 20} MB.")


def _cell(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value).strip()


def _pdf(content: bytes, password: str) -> Sheet:
    try:
        with pdfplumber.open(io.BytesIO(content), password=password) as document:
            if len(document.pages) > MOST_PAGES:
                raise FileBroken("file_too_large", f"The PDF has more than {MOST_PAGES} pages.")
            rows = [row for page in document.pages for row in _page_rows(page)]
    except (PdfminerException, PDFPasswordIncorrect) as error:
        if isinstance(error, PDFPasswordIncorrect) or any(
            isinstance(each, PDFPasswordIncorrect) for each in error.args
        ):
            raise FileBroken("password_needed", "The PDF opens with a password.") from error
        raise FileBroken("file_unreadable", "The PDF cannot be read.") from error
    if not rows:
        raise FileBroken("no_tables", "The PDF holds no text: it may be a picture.")
    return Sheet("", rows)


def _page_rows(page: pdfplumber.page.Page) -> Iterator[list[str]]:
    """Tables where the page has them, and each line of text outside, from the top down."""
    tables = page.find_tables()
    outside = page
    for table in tables:
        outside = outside.outside_bbox(table.bbox)
    pieces: list[tuple[float, list[list[str]]]] = [
        (table.bbox[1], [[(cell or "").replace("\n", " ") for cell in row] for row in table.extract()])
        for table in tables
    ]
    pieces += [(line["top"], [_words(line["text"])]) for line in outside.extract_text_lines()]
    for _, rows in sorted(pieces, key=lambda piece: piece[0]):
        yield from rows


def _words(line: str) -> list[str]:
    """A line's cells: a label before a colon, or the amount at its end."""
    if (found := _AMOUNT_AT_END.fullmatch(line)) is not None:
        return [found[1], found[2]]
    label, colon, value = line.partition(":")
    return [label + colon, value.strip()] if colon and value.strip() else [line]
