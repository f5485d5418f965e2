"""Files of corporate actions become notices and, where they are understood, actions; the rest is listed."""

import gzip
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.clock import trading_date
from tests.factories import make_instrument
from trading.instruments.models import ActionNotice, CorporateAction
from trading.marketdata.imports import FileBroken, corporate_actions_import
from trading.marketdata.models import FileImport

pytestmark = pytest.mark.django_db

Kind, Reading = CorporateAction.Kind, ActionNotice.Reading
HEADER = "SERIES,SYMBOL,SECURITY,RECORD_DT,BC_STRT_DT,BC_END_DT,EX_DT,ND_STRT_DT,ND_END_DT,PURPOSE\n"


def line(symbol: str, purpose: str, on: str = "2025-12-19", series: str = "EQ") -> str:
    return f"{series},{symbol},{symbol.title()} Ltd,{on},,,{on},,,{purpose}\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def test_each_announcement_is_kept_and_what_is_understood_becomes_an_action(tmp_path: Path) -> None:
    stock = make_instrument("NSE:LALPATHLAB")
    path = write(
        tmp_path / "bc.csv",
        line("LALPATHLAB", "BONUS 1:1"),
        line("LALPATHLAB", "BONUS 1:1", series="BE"),
        line("LALPATHLAB", "DEMERGER", on="2025-12-22"),
        line("UNKNOWNCO", "INTDIV - RS 5 PER SH"),
        "TB,91D181225,GOI TBILL,2025-12-16,,,,,,REDEMPTION\n",
    )
    report = corporate_actions_import(path)
    assert (report.rows_read, report.counts.inserted, report.duplicates, report.skipped) == (5, 3, 1, 1)
    action = CorporateAction.objects.get()
    assert (action.instrument_id, action.kind, action.ratio_held, action.ratio_after) == (
        stock.pk,
        Kind.BONUS,
        1,
        2,
    )
    assert dict(ActionNotice.objects.values_list("purpose", "reading")) == {
        "BONUS 1:1": Reading.ACTION,
        "DEMERGER": Reading.UNREAD,
        "INTDIV - RS 5 PER SH": Reading.ACTION,
    }


def test_the_websites_json_reads_per_cents_of_the_face_value(tmp_path: Path) -> None:
    make_instrument("NSE:GENSOL")
    entry = {
        "symbol": "GENSOL",
        "series": "EQ",
        "faceVal": "10",
        "subject": "Bonus 2:1/Dividend - 15%",
        "exDate": "17-Oct-2023",
        "recDate": "17-Oct-2023",
        "comp": "Gensol Engineering Limited",
        "isin": "INE06H201014",
    }
    path = tmp_path / "actions.json.gz"
    path.write_bytes(gzip.compress(json.dumps([entry]).encode()))
    assert corporate_actions_import(path).counts.inserted == 1
    terms = {action.kind: (action.ratio_after, action.amount) for action in CorporateAction.objects.all()}
    assert terms == {Kind.BONUS: (3, None), Kind.DIVIDEND: (None, Decimal("1.5"))}


def test_dividends_of_one_day_add_up(tmp_path: Path) -> None:
    make_instrument("NSE:IOC")
    corporate_actions_import(
        write(tmp_path / "bc.csv", line("IOC", "INTDIV - RS 5 PER SH"), line("IOC", "SPLDIV - RS 2 PER SH"))
    )
    assert CorporateAction.objects.get().amount == 7


def test_a_second_import_changes_nothing_and_other_words_for_the_same_terms_neither(tmp_path: Path) -> None:
    make_instrument("NSE:IOC")
    path = write(tmp_path / "bc.csv", line("IOC", "INTDIV - RS 5 PER SH"))
    corporate_actions_import(path)
    again = corporate_actions_import(path)
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, 1)
    other = corporate_actions_import(write(tmp_path / "x.csv", line("IOC", "Interim Dividend - Rs 5 Per Share")))
    assert other.rejects == ()
    assert CorporateAction.objects.get().amount == 5


def test_terms_that_contradict_what_is_stored_are_refused_and_the_stored_ones_stay(tmp_path: Path) -> None:
    stock = make_instrument("NSE:KMEW")
    CorporateAction.objects.create(
        instrument=stock, kind=Kind.SPLIT, ex_date=date(2025, 12, 19), ratio_held=2, ratio_after=4
    )
    same = corporate_actions_import(write(tmp_path / "a.csv", line("KMEW", "FVSPLT FRM RS 10 TO RS 5")))
    assert same.rejects == ()
    report = corporate_actions_import(write(tmp_path / "b.csv", line("KMEW", "FVSPLT FRM RS 10 TO RS 2")))
    assert [(reject.row, reject.reason) for reject in report.rejects] == [(2, "conflicts_with_stored")]
    assert CorporateAction.objects.get().ratio_after == 4


def test_two_ratios_of_one_day_are_refused_both(tmp_path: Path) -> None:
    make_instrument("NSE:KMEW")
    report = corporate_actions_import(
        write(tmp_path / "b.csv", line("KMEW", "BONUS 1:1"), line("KMEW", "BONUS 2:1"))
    )
    assert [reject.reason for reject in report.rejects] == ["conflicting_row", "conflicting_row"]
    assert not CorporateAction.objects.exists()


def test_an_ex_date_of_long_ago_is_history_and_touches_no_position(tmp_path: Path) -> None:
    make_instrument("NSE:IOC")
    today = trading_date()
    path = write(
        tmp_path / "bc.csv",
        line("IOC", "BONUS 1:2", on="2018-03-15"),
        line("IOC", "INTDIV - RS 5 PER SH", on=(today + timedelta(days=3)).isoformat()),
    )
    corporate_actions_import(path)
    applied = {action.kind: action.applied_at is not None for action in CorporateAction.objects.all()}
    assert applied == {Kind.BONUS: True, Kind.DIVIDEND: False}


def test_a_notice_finds_its_share_once_the_master_knows_it(tmp_path: Path) -> None:
    path = write(tmp_path / "bc.csv", line("IOC", "BONUS 1:1"))
    corporate_actions_import(path)
    assert ActionNotice.objects.get().instrument is None
    stock = make_instrument("NSE:IOC")
    assert corporate_actions_import(path).counts.updated == 1
    assert (ActionNotice.objects.get().instrument, CorporateAction.objects.count()) == (stock, 1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (line("IOC", "BONUS 1:1", on="2025-13-19"), "bad_date"),
        (line("IOC", "BONUS 1:1", on=""), "bad_date"),
        (line("I@C", "BONUS 1:1"), "bad_symbol"),
        (line("IOC", ""), "no_purpose"),
        ("EQ,IOC,BONUS 1:1\n", "bad_columns"),
        (line("IOC", "BONUS 1:1 \udce9"), "bad_encoding"),
    ],
)
def test_a_bad_row_is_named_with_its_number(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "bc.csv"
    path.write_bytes((HEADER + row + line("TCS", "AGM")).encode("utf-8", "surrogateescape"))
    report = corporate_actions_import(path)
    assert [(reject.row, reject.reason) for reject in report.rejects] == [(2, reason)]
    assert report.counts.inserted == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bc.csv", b"A,B\n1,2\n", "unknown_columns"),
        ("bc.csv", gzip.compress(HEADER.encode(), mtime=0)[:-9], "truncated_gzip"),
        ("a.json", b'[{"symbol": ', "broken_json"),
        ("a.json", b'"text"', "unknown_columns"),
    ],
)
def test_a_broken_file_leaves_nothing_behind(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileBroken) as broken:
        corporate_actions_import(path)
    assert broken.value.code == code
    assert not FileImport.objects.exists()
