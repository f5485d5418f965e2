"""Bhavcopies of every format become daily bars, open interest and settlement prices; bad ones leave nothing."""

import gzip
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_instrument
from trading.instruments.models import Instrument
from trading.marketdata.imports import FileBroken, bhavcopy_import
from trading.marketdata.models import DailyBar, FileImport, SettlementPrice
from trading.marketdata.selectors import settlement_price

pytestmark = pytest.mark.django_db

LEGACY = """SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,TOTALTRADES,ISIN,
RELIANCE,EQ,812,826.9,811.3,821.35,820,814.5,9000,7392150.5,07-SEP-2017,211,INE002A01018,
M&M,BE,1300,1310,1290,1305,1305,1299,50,65250,07-SEP-2017,3,INE101A01026,
"""
FULL = (
    "SYMBOL, SERIES, DATE1, PREV_CLOSE, OPEN_PRICE, HIGH_PRICE, LOW_PRICE, LAST_PRICE, CLOSE_PRICE, AVG_PRICE, "
    "TTL_TRD_QNTY, TURNOVER_LACS, NO_OF_TRADES, DELIV_QTY, DELIV_PER\n"
    "RELIANCE, EQ, 25-Aug-2025, 1409.00, 1412.00, 1420.50, 1405.00, 1411.00, 1412.60, 1413.00, 92170, 1302.36, "
    "2765, 44743, 48.54\n"
    "GOLDBOND, GB, 25-Aug-2025, 9800, 9800, 9800, 9800, 9800, 9800, 9800, 1, 0.10, 1, -, -\n"
)
UDIFF_HEADER = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,FininstrmActlXpryDt,StrkPric,OptnTp,"
    "FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,"
    "ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4\n"
)
FUTURE = (
    "2025-02-03,2025-02-03,FO,NSE,IDF,35001,,NIFTY,,2025-02-27,2025-02-27,,,NIFTY25FEBFUT,23400.00,23480.00,23350.00,"
    "23421.50,23420.00,23540.00,23361.05,23425.10,1200000,1500,400,700000000.00,950,F1,75,,,,,\n"
)
WEEKLY = (
    "2025-02-03,2025-02-03,FO,NSE,IDO,35002,,NIFTY,,2025-02-06,2025-02-06,23000.00,CE,NIFTY2520623000CE,410.00,455.00,"
    "390.25,412.10,411.00,520.00,23361.05,412.10,90000,-75,10,17558100.00,5,F1,75,,,,,\n"
)
IDLE = (
    "2025-02-03,2025-02-03,FO,NSE,STO,83774,,ABCAPITAL,,2025-04-24,2025-04-24,185.00,CE,ABCAPITAL25APR185CE,0.00,0.00,"
    "0.00,11.65,0.00,11.65,172.45,6.95,0,0,0,0.00,0,F1,2700,,,,,\n"
)
SHARE = (
    "2025-02-03,2025-02-03,CM,NSE,STK,2885,INE002A01018,RELIANCE,EQ,,,,,RELIANCE,1260.00,1264.40,1240.05,1245.10,"
    "1245.00,1264.60,,1245.10,,,8123456,10150000000.00,211000,F1,1,,,,,\n"
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_legacy_cash_format_with_its_comma_at_the_end(tmp_path: Path) -> None:
    make_instrument("NSE:RELIANCE")
    report = bhavcopy_import(write(tmp_path / "cm07SEP2017bhav.csv", LEGACY))
    assert (report.format, report.rows_read, report.counts.inserted, report.skipped) == ("cm-legacy", 2, 1, 1)
    bar = DailyBar.objects.get()
    assert (bar.date, bar.open, bar.high, bar.low, bar.close) == (
        date(2017, 9, 7),
        812,
        Decimal("826.9"),
        Decimal("811.3"),
        Decimal("821.35"),
    )
    assert (bar.previous_close, bar.volume, bar.turnover, bar.trades, bar.delivered) == (
        Decimal("814.5"),
        9000,
        Decimal("7392150.5"),
        211,
        None,
    )


def test_the_full_format_counts_turnover_in_lakhs_and_knows_deliveries(tmp_path: Path) -> None:
    make_instrument("NSE:RELIANCE")
    path = tmp_path / "sec_bhavdata_full_25082025.csv.gz"
    path.write_bytes(gzip.compress(FULL.encode()))
    report = bhavcopy_import(path)
    assert (report.format, report.counts.inserted, report.skipped) == ("cm-full", 1, 1)
    bar = DailyBar.objects.get()
    assert (bar.turnover, bar.delivered, bar.volume) == (Decimal("130236000.00"), 44743, 92170)


def test_the_common_format_counts_contracts_in_lots_and_fills_settlement_prices(tmp_path: Path) -> None:
    nifty = make_instrument("NSE:NIFTY", instrument_type="INDEX")
    future = make_instrument("NFO:NIFTY25FEBFUT", expiry=date(2025, 2, 27))
    call = make_instrument("NFO:NIFTY25FEB06W23000CE", expiry=date(2025, 2, 6))
    idle = make_instrument("NFO:ABCAPITAL25APR185CE", expiry=date(2025, 4, 24))
    path = tmp_path / "BhavCopy_NSE_FO_0_0_0_20250203_F_0000.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BhavCopy.csv", UDIFF_HEADER + FUTURE + WEEKLY + IDLE)
    report = bhavcopy_import(path)
    assert (report.format, report.counts.inserted, report.rejects) == ("udiff", 3, ())
    bars = {bar.instrument_id: bar for bar in DailyBar.objects.all()}
    assert (bars[future.pk].volume, bars[future.pk].oi) == (400 * 75, 1_200_000)
    assert (bars[call.pk].volume, bars[call.pk].oi) == (750, 90_000)
    assert (bars[idle.pk].volume, bars[idle.pk].open, bars[idle.pk].close) == (
        0,
        Decimal("11.65"),
        Decimal("11.65"),
    )
    prices = dict(SettlementPrice.objects.values_list("instrument_id", "price"))
    assert prices == {
        future.pk: Decimal("23425.10"),
        call.pk: Decimal("412.10"),
        nifty.pk: Decimal("23361.05"),
    }


def test_the_common_format_of_the_cash_market(tmp_path: Path) -> None:
    stock = make_instrument("NSE:RELIANCE")
    assert bhavcopy_import(write(tmp_path / "b.csv", UDIFF_HEADER + SHARE)).counts.inserted == 1
    assert DailyBar.objects.get().volume == 8_123_456
    # An official close settles contracts on the share.
    assert settlement_price(stock, date(2025, 2, 3)) == Decimal("1245.10")


def test_daily_bars_from_elsewhere_give_way_to_the_exchange(tmp_path: Path) -> None:
    make_instrument("NSE:RELIANCE")
    text = (
        "symbol,date,open,high,low,close,turnover_inr,volume,trades\n"
        "RELIANCE,2017-09-06,1630,1650,1620,1645.4,1,2000,3\n"
        "RELIANCE,2017-09-07,823,826.9,811.3,821.0,1,8000,2\n"
        "HDFC,2017-09-06,1750,1760,1740,1751,1,50,3\n"
        "HDFC,2017-09-07,1751,1770,1750,1766,1,60,3\n"
    )
    report = bhavcopy_import(write(tmp_path / "days.csv", text), create_instruments=True)
    assert report.created == ("NSE:HDFC",)
    assert (report.format, report.counts.inserted) == ("daily-bars", 4)
    assert set(DailyBar.objects.values_list("source", flat=True)) == {DailyBar.Source.HISTORY}
    bhavcopy_import(write(tmp_path / "cm07SEP2017bhav.csv", LEGACY))
    assert bhavcopy_import(write(tmp_path / "days.csv", text)).counts.updated == 0
    first, second = DailyBar.objects.filter(instrument__key="NSE:RELIANCE").order_by("date")
    assert (first.close, first.volume, first.previous_close) == (Decimal("1645.4"), 2000, None)
    assert (second.close, second.source) == (Decimal("821.35"), DailyBar.Source.BHAVCOPY)


def test_unknown_instruments_are_created_when_asked(tmp_path: Path) -> None:
    report = bhavcopy_import(
        write(tmp_path / "b.csv", UDIFF_HEADER + FUTURE + WEEKLY + SHARE), create_instruments=True
    )
    assert set(report.created) == {"NFO:NIFTY25FEBFUT", "NFO:NIFTY25FEB06W23000CE", "NSE:RELIANCE"}
    call = Instrument.objects.get(key="NFO:NIFTY25FEB06W23000CE")
    assert (call.lot_size, call.strike, call.expiry, call.is_active) == (75, 23000, date(2025, 2, 6), False)


def test_a_second_import_changes_nothing_and_a_price_entered_by_hand_stays(tmp_path: Path) -> None:
    future = make_instrument("NFO:NIFTY25FEBFUT", expiry=date(2025, 2, 27))
    SettlementPrice.objects.create(instrument=future, date=date(2025, 2, 3), price=1, source="by hand")
    path = write(tmp_path / "b.csv", UDIFF_HEADER + FUTURE)
    bhavcopy_import(path)
    again = bhavcopy_import(path)
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, 1)
    assert SettlementPrice.objects.get().price == 1
    corrected = bhavcopy_import(write(tmp_path / "c.csv", UDIFF_HEADER + FUTURE.replace("1200000", "1200075")))
    assert corrected.counts.updated == 1
    assert FileImport.objects.filter(kind=FileImport.Kind.BHAVCOPY).count() == 3


GOOD = LEGACY.splitlines()[1]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("821.35", "900"), "impossible_prices"),
        (GOOD.replace("811.3", "-1"), "impossible_prices"),
        (GOOD.replace(",812,", ",0,"), "impossible_prices"),
        (GOOD.replace("821.35", "nan"), "bad_number"),
        (GOOD.replace("821.35", "1e99"), "bad_number"),
        (GOOD.replace("821.35", "821.35001"), "bad_number"),
        (GOOD.replace("9000", "90.5"), "bad_number"),
        (GOOD.replace("9000", "-90"), "negative_volume"),
        (GOOD.replace("07-SEP-2017", "31-SEP-2017"), "bad_date"),
        (GOOD.replace("07-SEP-2017", "07-SEP-2099"), "bad_date"),
        (GOOD.replace("RELIANCE", "RELI@NCE"), "bad_symbol"),
        ("RELIANCE,EQ,812", "bad_columns"),
        (GOOD.replace("RELIANCE", "REL\udce9ANCE"), "bad_encoding"),
    ],
)
def test_a_bad_row_is_named_with_its_number_and_the_rest_is_stored(tmp_path: Path, row: str, reason: str) -> None:
    make_instrument("NSE:M&M")
    header, _, other = LEGACY.splitlines()
    path = tmp_path / "b.csv"
    path.write_bytes("\n".join([header, row, other, ""]).encode("utf-8", "surrogateescape"))
    report = bhavcopy_import(path)
    assert [(reject.row, reject.reason) for reject in report.rejects] == [(2, reason)]
    assert report.counts.inserted == 1
    stored = FileImport.objects.get().rejected_rows.get()
    assert (stored.row_number, stored.reason) == (2, reason)


def test_repetitions_are_dropped_and_contradictions_are_refused_on_both_rows(tmp_path: Path) -> None:
    make_instrument("NSE:RELIANCE")
    assert bhavcopy_import(write(tmp_path / "a.csv", LEGACY + GOOD + "\n")).duplicates == 1
    report = bhavcopy_import(write(tmp_path / "b.csv", LEGACY + GOOD.replace("821.35", "822") + "\n"))
    assert [(reject.row, reject.reason) for reject in report.rejects] == [
        (2, "conflicting_row"),
        (4, "conflicting_row"),
    ]


def test_a_settlement_price_stands_where_the_traded_prices_contradict_it(tmp_path: Path) -> None:
    future = make_instrument("NFO:NIFTY25FEBFUT", expiry=date(2025, 2, 27))
    report = bhavcopy_import(write(tmp_path / "b.csv", UDIFF_HEADER + FUTURE.replace("23421.50", "23300.00")))
    assert [reject.reason for reject in report.rejects] == ["impossible_prices"]
    assert not DailyBar.objects.exists()
    assert SettlementPrice.objects.get().instrument_id == future.pk


def _zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, LEGACY)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unknown_columns"),
        (b"a,b,c\n1,2,3\n", "unknown_columns"),
        (gzip.compress(LEGACY.encode())[:-20], "truncated_gzip"),
        (_zipped("one.csv")[:-30], "truncated_zip"),
        (_zipped("one.csv", "two.csv"), "not_one_file"),
        (LEGACY.encode() + b'RELIANCE,"EQ', "broken_csv"),
    ],
)
def test_a_broken_file_leaves_nothing_behind(tmp_path: Path, content: bytes, code: str) -> None:
    make_instrument("NSE:RELIANCE")
    path = tmp_path / "b.csv"
    path.write_bytes(content)
    with pytest.raises(FileBroken) as broken:
        bhavcopy_import(path, create_instruments=True)
    assert broken.value.code == code
    assert not DailyBar.objects.exists()
    assert not FileImport.objects.exists()
    assert Instrument.objects.count() == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_broken_in_a_file_it_is_counted_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray((UDIFF_HEADER + FUTURE + WEEKLY + SHARE).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(len(UDIFF_HEADER) if data.draw(st.booleans()) else 0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "b.csv"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        report = bhavcopy_import(path, create_instruments=True)
    except FileBroken:
        return
    counted = report.counts.given + report.skipped + report.duplicates + len(report.rejects)
    assert counted == report.rows_read
