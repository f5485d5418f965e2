"""Files of brokers as they come: several encodings, Excel, PDF, and what is broken, huge or something else."""

import contextlib
import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from analytics.domain.statements import note_charges, note_date, read_sheet
from analytics.imports import FileBroken, sheets_of
from analytics.imports import sheets as module

HEADER = ["symbol", "isin", "trade_date", "exchange", "trade_type", "quantity", "price", "trade_id"]
HEADER += ["order_id", "order_execution_time"]
ROW = ["INFY", "INE009A01021", "2026-11-02", "NSE", "buy", "5", "1500.5", "9", "8", "2026-11-02T09:15:00"]


def text_of(separator: str = ",") -> str:
    return "\r\n".join(separator.join(row) for row in (HEADER, ROW)) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_read_in_any_common_encoding_and_with_any_separator(encoding: str, separator: str) -> None:
    (sheet,) = sheets_of(text_of(separator).encode(encoding))
    assert [list(row) for row in sheet.rows] == [HEADER, ROW]
    assert read_sheet(sheet.rows).format_key == "zerodha-tradebook"


@pytest.mark.parametrize("end", ["\r\n", "\r\nEnd of report", ""], ids=["closed", "remark", "open"])
def test_a_csv_whose_last_row_is_whole_is_read_with_or_without_an_end_of_line(end: str) -> None:
    (sheet,) = sheets_of((text_of().rstrip() + end).encode())
    assert list(sheet.rows[1]) == ROW


def test_a_csv_of_nothing_but_quotation_marks_takes_no_time() -> None:
    # Regular expressions that guess a dialect look at each pair of marks: so many would outlast a test's limit.
    with contextlib.suppress(FileBroken):
        sheets_of(b'\n"' * 100_000)


def test_commas_within_amounts_are_no_separators() -> None:
    rows = [
        ["Date", "Particulars", "Debit", "Credit"],
        *[["02-11-2026", "Dues", "1,00,00,000.00", "2,00,000.00"]] * 3,
    ]
    (sheet,) = sheets_of("\n".join(";".join(row) for row in rows).encode())
    assert [list(row) for row in sheet.rows] == rows


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        fill(book)
    return held.getvalue()


def test_a_workbook_gives_its_sheets_with_numbers_and_days_as_text() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Notes")
        sheet = book.add_worksheet("Equity")
        sheet.write_row(13, 1, HEADER)
        sheet.write_row(14, 1, ROW)
        sheet.write_datetime(14, 3, date(2026, 11, 2), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(14, 6, 5)
        sheet.write_number(14, 7, 1500.5)

    (sheet,) = sheets_of(workbook(fill))
    assert sheet.name == "Equity"
    found = read_sheet(sheet.rows)
    assert (found.header_row, found.faults) == (14, ())
    (trade,) = found.records
    assert (trade.traded_on, trade.quantity, trade.price) == (date(2026, 11, 2), 5, Decimal("1500.5"))


def pdf(*lines: str) -> bytes:
    """A one-page PDF by hand: each line of text 20 points below the last."""
    drawn = "\n".join(f"BT /F1 10 Tf 40 {760 - 20 * place} Td ({line}) Tj ET" for place, line in enumerate(lines))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
    ]
    body, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 5\n0000000000 65535 f \n{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    )
    return (body + end).encode("latin-1")


def test_a_pdf_gives_the_day_and_the_charges_of_its_lines() -> None:
    (sheet,) = sheets_of(
        pdf("Trade Date: 05-04-2021", "Exchange transaction charges 0.09", "Stamp duty -0.39", "CGST 9% 0.01")
    )
    assert note_date(sheet.rows) == date(2021, 4, 5)
    charges = note_charges(sheet.rows)
    assert charges is not None
    assert (charges.exchange, charges.stamp, charges.gst) == (Decimal("0.09"), Decimal("0.39"), Decimal("0.01"))


def bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (module.MOST_UNPACKED + 1))
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"  \r\n", "file_empty"),
        (b"\x00\x01\x02" * 50, "file_unreadable"),
        (b"PK\x03\x04 and nothing more", "file_unreadable"),
        (b"\xd0\xcf\x11\xe0 and nothing more", "file_unreadable"),
        (b"%PDF-1.7 cut off", "file_unreadable"),
        (pdf(), "no_tables"),
        (text_of().encode()[:-25], "file_cut"),
        (b"a" * (module.MOST_BYTES + 1), "file_too_large"),
        (b"a,b\n" * (module.MOST_ROWS + 1), "file_too_large"),
    ],
    ids=["nothing", "blank", "binary", "zip", "xls", "pdf", "picture", "cut", "bytes", "rows"],
)
def test_a_file_that_cannot_be_trusted_is_refused_with_its_code(content: bytes, code: str) -> None:
    with pytest.raises(FileBroken) as refusal:
        sheets_of(content)
    assert refusal.value.code == code


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    content = bomb()
    assert len(content) < 1 << 20
    with pytest.raises(FileBroken) as refusal:
        sheets_of(content)
    assert refusal.value.code == "file_too_large"


def test_a_cut_off_workbook_is_refused() -> None:
    whole = workbook(lambda book: book.add_worksheet().write_row(0, 0, HEADER) and None)
    for end in (len(whole) // 3, len(whole) // 2, len(whole) - 10):
        with pytest.raises(FileBroken):
            sheets_of(whole[:end])


SHEET = "xl/worksheets/sheet1.xml"
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 44>>stream
BT /F1 12 Tf 72 700 Td (Hello, 12.50) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""


def with_cell(reference: str) -> bytes:
    """A workbook of some kilobytes with one more cell."""
    held = io.BytesIO()
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    more = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'.encode()
    whole = workbook(lambda book: book.add_worksheet().write(0, 0, 7))
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            target.writestr(member, content.replace(b"</sheetData>", more) if member.filename == SHEET else content)
    return held.getvalue()


@pytest.mark.parametrize("reference", ["XFD1048576", "CXX20000", "ZZZZZZZZZZ1", "A99999999999"])
def test_a_cell_far_off_does_not_take_the_memory_of_all_before_it(reference: str) -> None:
    with pytest.raises(FileBroken) as broken:
        sheets_of(with_cell(reference))
    assert broken.value.code in ("file_too_large", "file_unreadable")


def test_a_cell_near_by_is_read() -> None:
    assert sheets_of(with_cell("C3"))[0].rows == [["7", "", ""], ["", "", ""], ["", "", "1"]]


@pytest.mark.parametrize(
    "change",
    [
        (b"[0 0 612 792]", b"[0 0 a b]"),
        (b"[0 0 612 792]", b"[0 0]"),
        (b"Kids[3 0 R]", b"Kids 7"),
        (b"/Contents 4 0 R", b"/Contents[[4 0 R] (x)]"),
        (b"<</Length 44>>", b"<</Length 44/Filter/Nonsense/DecodeParms 5>>"),
    ],
)
def test_a_pdf_that_confuses_its_reader_is_refused_or_read_and_never_an_error(change: tuple[bytes, bytes]) -> None:
    broken = PDF.replace(*change)
    assert broken != PDF
    with contextlib.suppress(FileBroken):
        sheets_of(broken)
    assert sheets_of(PDF)[0].rows == [["Hello,", "12.50"]]


@pytest.mark.parametrize("content", [b"1,2\n" * 200_001, b"," * 5_000_001], ids=["too many rows", "too many cells"])
def test_a_csv_is_not_held_beyond_what_is_taken(content: bytes) -> None:
    with pytest.raises(FileBroken) as broken:
        sheets_of(content)
    assert broken.value.code == "file_too_large"
