import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_instrument
from trading.instruments.models import Instrument
from trading.marketdata.imports import FileBroken, Label, candle_file_import
from trading.marketdata.imports.candles import reader
from trading.marketdata.imports.candles.reader import candle_file_read
from trading.marketdata.models import Candle, FileImport
from trading.marketdata.services import candles as candles_module
from trading.marketdata.services import candles_write

pytestmark = pytest.mark.django_db

HEADER = "symbol,timestamp_ist,open,high,low,close,volume\n"
INDEX_HEADER = "symbol,date,time_label_ist,open,high,low,close,volume,oi\n"
FIRST = "RELIANCE,2016-08-22 09:15:00,100,101,99.5,100.5,10\n"
SECOND = "RELIANCE,2016-08-22 09:16:00,100.5,102,100,101.05,20\n"


def write(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def starts() -> list[datetime]:
    return list(Candle.objects.order_by("start").values_list("start", flat=True))


def test_unsorted_rows_of_a_gzipped_file_are_stored_exactly(tmp_path):
    make_instrument("NSE:RELIANCE")
    report = candle_file_import(write(tmp_path / "r.csv.gz", HEADER + SECOND + FIRST))
    assert (report.counts.inserted, report.rejects) == (2, ())
    first, second = Candle.objects.order_by("start")
    assert first.start == datetime(2016, 8, 22, 3, 45, tzinfo=UTC)
    assert (first.open, first.high, first.low, first.close, first.volume) == (
        Decimal(100), Decimal(101), Decimal("99.5"), Decimal("100.5"), 10,
    )  # fmt: skip
    assert second.close == Decimal("101.05")


def test_a_second_import_changes_nothing_and_a_correction_changes_one_row(tmp_path):
    make_instrument("NSE:RELIANCE")
    path = write(tmp_path / "r.csv", HEADER + FIRST + SECOND)
    candle_file_import(path)
    again = candle_file_import(path)
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, 2)
    corrected = candle_file_import(write(path, HEADER + FIRST + SECOND.replace(",20\n", ",21\n")))
    assert (corrected.counts.inserted, corrected.counts.updated, corrected.counts.unchanged) == (0, 1, 1)


def test_end_labels_pre_open_closing_prints_and_muhurat_rows_fall_into_their_sessions(tmp_path):
    rows = [
        "NIFTY,2022-10-21,09:08,100,100,100,100,0,0",
        "NIFTY,2022-10-21,09:16,100,100,100,100,0,0",
        "NIFTY,2022-10-21,15:30,100,100,100,100,0,0",
        "NIFTY,2022-10-21,15:31,100,100,100,100,0,0",
        "NIFTY,2022-10-24,10:00,100,100,100,100,0,0",
        "NIFTY,2022-10-24,18:16,100,100,100,100,0,0",
    ]
    make_instrument("NSE:NIFTY", instrument_type="INDEX")
    report = candle_file_import(write(tmp_path / "n.csv", INDEX_HEADER + "\n".join(rows) + "\n"))
    assert report.outside_session == 3
    assert [each.strftime("%d %H:%M") for each in starts()] == ["21 03:45", "21 09:59", "24 12:45"]


def test_the_label_may_be_given(tmp_path):
    make_instrument("NSE:RELIANCE")
    candle_file_import(write(tmp_path / "r.csv", HEADER + SECOND), label=Label.END)
    assert starts() == [datetime(2016, 8, 22, 3, 45, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("RELIANCE,2016-08-22 09:16:00,100,101\n", "bad_columns"),
        ("RELIANCE,yesterday,100,101,99,100,1\n", "bad_time"),
        ("RELIANCE,2016-08-22 09:16:30,100,101,99,100,1\n", "bad_time"),
        ("RELIANCE,2016-08-22 09:16:00,NaN,101,99,100,1\n", "bad_number"),
        ("RELIANCE,2016-08-22 09:16:00,100,inf,99,100,1\n", "bad_number"),
        ("RELIANCE,2016-08-22 09:16:00,100,101,99,100,1.5\n", "bad_number"),
        ("RELIANCE,2016-08-22 09:16:00,100,99,101,100,1\n", "impossible_prices"),
        ("RELIANCE,2016-08-22 09:16:00,100,101,0,100,1\n", "impossible_prices"),
        ("RELIANCE,2016-08-22 09:16:00,-100,101,-101,100,1\n", "impossible_prices"),
        ("RELIANCE,2016-08-22 09:16:00,100,101,99,100,-1\n", "negative_volume"),
    ],
)
def test_a_bad_row_is_rejected_with_its_number_and_reason_and_the_rest_is_stored(tmp_path, row, reason):
    make_instrument("NSE:RELIANCE")
    report = candle_file_import(write(tmp_path / "r.csv", HEADER + FIRST + row))
    assert [(reject.row, reject.reason) for reject in report.rejects] == [(3, reason)]
    assert report.counts.inserted == 1
    run = FileImport.objects.get()
    assert [(each.row_number, each.reason) for each in run.rejected_rows.all()] == [(3, reason)]


def test_a_repeated_row_counts_once_and_contradicting_rows_are_all_rejected(tmp_path):
    make_instrument("NSE:RELIANCE")
    contradiction = SECOND.replace(",20\n", ",30\n")
    report = candle_file_import(write(tmp_path / "r.csv", HEADER + FIRST + FIRST + SECOND + contradiction))
    assert (report.counts.inserted, report.duplicates) == (1, 1)
    assert [reject.row for reject in report.rejects] == [4, 5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unknown_columns"),
        (b"a,b,c\n1,2,3\n", "unknown_columns"),
        (gzip.compress((HEADER + FIRST * 500).encode())[:-20], "truncated_gzip"),
        (HEADER.encode() + FIRST.encode() + b"\xff\xfeRELIANCE\n", "mixed_encodings"),
        (HEADER.encode() + b'"RELIANCE,2016-08-22 09:15:00,1,1,1,1,1\n', "broken_csv"),
        (HEADER.encode() + FIRST.replace("RELIANCE", "NOBODY").encode(), "unknown_symbol"),
        (HEADER.encode() + FIRST.replace("2016", "1990").encode(), "calendar_unknown"),
    ],
)
def test_a_broken_file_leaves_nothing_behind(tmp_path, content, code):
    make_instrument("NSE:RELIANCE")
    path = tmp_path / "broken"
    path.write_bytes(content)
    with pytest.raises(FileBroken) as caught:
        candle_file_import(path)
    assert caught.value.code == code
    assert not Candle.objects.exists()
    assert not FileImport.objects.exists()


def test_instruments_are_created_only_when_asked_and_symbols_may_be_mapped(tmp_path, capsys):
    rows = FIRST.replace("RELIANCE", "M&M") + FIRST.replace("RELIANCE", "BAJAJ-AUTO")
    path = str(write(tmp_path / "r.csv", HEADER + rows + FIRST.replace("RELIANCE", "NIFTY50")))
    with pytest.raises(CommandError, match="1 of 1 files failed"):
        call_command("import_candles", path)
    assert "NSE:BAJAJ-AUTO, NSE:M&M, NSE:NIFTY" in capsys.readouterr().err
    call_command("import_candles", path, "--create-instruments", "--symbol-map", "BAJAJ-AUTO=NSE:BAJAJAUTO")
    kinds = dict(Instrument.objects.values_list("key", "instrument_type"))
    assert kinds == {"NSE:M&M": "EQ", "NSE:BAJAJAUTO": "EQ", "NSE:NIFTY": "INDEX"}


def test_one_broken_file_does_not_keep_the_others_out(tmp_path):
    make_instrument("NSE:RELIANCE")
    good, bad = write(tmp_path / "good.csv", HEADER + FIRST), write(tmp_path / "bad.csv", "nonsense\n")
    with pytest.raises(CommandError, match="1 of 2 files failed"):
        call_command("import_candles", str(bad), str(good))
    assert Candle.objects.count() == 1


@pytest.mark.parametrize(
    "price", [1, 9_999, 10_000, 10_001, 99_999_999, 100_000_000, 123_456_789_012_3, 99_999_999_999_999]
)
def test_every_price_that_fits_the_column_is_stored_to_the_last_ten_thousandth(price):
    stock = make_instrument("NSE:RELIANCE")
    candles_write(np.array([[stock.pk, 1_471_837_500, price, price, price, price, 7, 8]]))
    stored = Candle.objects.get()
    assert stored.close == Decimal(price) / 10_000
    assert (stored.start, stored.volume, stored.oi) == (datetime(2016, 8, 22, 3, 45, tzinfo=UTC), 7, 8)


def test_rows_that_another_writer_stored_meanwhile_are_counted_as_changed(monkeypatch):
    stock = make_instrument("NSE:RELIANCE")
    rows = np.array([[stock.pk, 1_471_837_500 + 60 * minute, 5, 5, 5, 5, 7, 0] for minute in range(3)])
    candles_write(rows[:1])
    rows[0, 6] = 9
    monkeypatch.setattr(candles_module, "_may_exist", lambda cursor, rows: False)
    counts = candles_write(rows)
    assert (counts.inserted, counts.updated) == (2, 1)
    assert sorted(Candle.objects.values_list("volume", flat=True)) == [7, 7, 9]


def test_impossible_prices_are_an_integrity_error_and_leave_nothing():
    stock = make_instrument("NSE:RELIANCE")
    with pytest.raises(IntegrityError), transaction.atomic():
        candles_write(np.array([[stock.pk, 1_471_837_500, 5, 4, 5, 5, 7, 0]]))
    assert not Candle.objects.exists()


numbers = st.sampled_from(["100", "100.5", "99.99995", "", " 101 ", "1_00", "nan", "inf", "-1", "1e2", "x", "1e12"])
times = st.sampled_from(
    ["2016-08-22 09:15:00", "2016-08-22 09:15", "2016-08-22T09:15:00", "2016-08-22 09:15:30", "2016-02-30 09:15:00",
     "20160822 091500", "2016-08-22 09:15:00+05:30", "0000-01-01 09:15:00", "", "2016-08-22"]
)  # fmt: skip
file_rows = st.tuples(st.sampled_from(["RELIANCE", " RELIANCE ", "", "TCS"]), times, *[numbers] * 4, numbers)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(file_rows, min_size=1, max_size=6))
def test_a_block_of_rows_is_read_as_its_rows_one_by_one_are(tmp_path, rows):
    text = HEADER + "".join(",".join(row) + "\n" for row in rows)
    path = write(tmp_path / "r.csv", text)
    whole = candle_file_read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_BLOCK", 1)
        patch.setattr(reader._RowParser, "take_block", lambda self, first, block: [first])
        single = candle_file_read(path)
    assert (whole.rejects, whole.rows_read, whole.duplicates) == (
        single.rejects,
        single.rows_read,
        single.duplicates,
    )
    assert {name: rows.tolist() for name, rows in whole.symbols.items()} == {
        name: rows.tolist() for name, rows in single.symbols.items()
    }
