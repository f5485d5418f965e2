"""Chain files as NSE and Upstox hand them out: every format, every fault by its row, nothing by halves."""

import gzip
import json
import os
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.clock import IST
from tests.factories import make_instrument
from trading.instruments.models import Instrument
from trading.marketdata.domain.options.analytics import summarise
from trading.marketdata.imports import ChainContext, FileBroken, option_chain_import
from trading.marketdata.models import FileImport, OptionMinute
from trading.marketdata.selectors.options import chain_at

pytestmark = pytest.mark.django_db

AT = datetime(2024, 6, 20, 15, 30, tzinfo=IST)
CONTEXT = ChainContext(underlying="NIFTY", expiry=date(2024, 6, 27), at=AT)
CSV = (
    "CALLS,,PUTS\n"
    ",OI,CHNG IN OI,VOLUME,IV,LTP,CHNG,BID QTY,BID,ASK,ASK QTY,STRIKE,BID QTY,BID,ASK,ASK QTY,CHNG,LTP,IV,VOLUME,"
    "CHNG IN OI,OI,\n"
    ',"1,200",-47,"1,161",13.15,150.25,-0.05,"3,510",150.20,150.25,390,"23,500.00","1,690",41.90,42.40,65,'
    "28.60,42.10,14.31,11,-3,10,\n"
    ',-,-,-,-,-,-,-,-,-,-,"23,600.00",-,-,-,-,-,-,-,-,-,-,\n'
)


def nse_leg(**fields: Any) -> dict[str, Any]:
    return {
        "underlying": "NIFTY",
        "openInterest": 120,
        "changeinOpenInterest": 20,
        "totalTradedVolume": 9,
        "impliedVolatility": 13.5,
        "lastPrice": 150.25,
        "bidQty": 75,
        "bidprice": 150.2,
        "askQty": 0,
        "askPrice": 0,
    } | fields


def nse(*records: Any, **fields: Any) -> dict[str, Any]:
    return {"records": {"timestamp": "20-Jun-2024 15:30:00", "underlyingValue": 23567.0, "data": records} | fields}


def record(strike: object = 23_500, expiry: str = "27-Jun-2024", **legs: Any) -> dict[str, Any]:
    return {"strikePrice": strike, "expiryDate": expiry} | (legs or {"CE": nse_leg(), "PE": nse_leg(lastPrice=42)})


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def run(path: Path, *, create: bool = True) -> Any:
    return option_chain_import(path, CONTEXT, create_instruments=create, lot_size=25)


def minute(key: str) -> OptionMinute:
    return OptionMinute.objects.get(instrument__key=key)


def test_nses_api_is_read_with_lots_as_units_and_zero_as_no_price(tmp_path: Path) -> None:
    report = run(write(tmp_path / "c.json", nse(record())))
    assert (report.format, report.counts.inserted, report.rejects) == ("nse_json", 1, ())
    call = minute("NFO:NIFTY24JUN23500CE")
    assert call.at == AT
    assert (call.ltp, call.bid, call.ask, call.bid_quantity) == (Decimal("150.25"), Decimal("150.2"), None, 75)
    assert (call.oi, call.previous_oi, call.volume) == (3_000, 2_500, 225)
    assert call.iv == pytest.approx(0.135)
    assert call.spot == Decimal(23567)


def test_the_third_versions_names_are_known(tmp_path: Path) -> None:
    leg = {k: v for k, v in nse_leg().items() if k not in ("bidprice", "askPrice", "bidQty", "askQty")}
    leg |= {"buyPrice1": 150.1, "sellPrice1": 150.3, "buyQuantity1": 25, "sellQuantity1": 50}
    content = nse({"strikePrice": 23_500, "expiryDates": "27-06-2024", "CE": leg})
    assert run(write(tmp_path / "c.json", content)).rejects == ()
    call = minute("NFO:NIFTY24JUN23500CE")
    assert (call.bid, call.ask, call.ask_quantity) == (Decimal("150.1"), Decimal("150.3"), 50)


def test_the_websites_csv_is_read_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "option-chain-ED-NIFTY-27-Jun-2024.csv", CSV)
    report = option_chain_import(path, ChainContext(at=AT), create_instruments=True, lot_size=25)
    assert (report.format, report.rows_read, report.rejects) == ("nse_csv", 2, ())
    put = minute("NFO:NIFTY24JUN23500PE")
    assert (put.ltp, put.bid, put.ask, put.oi) == (Decimal("42.10"), Decimal("41.90"), Decimal("42.40"), 250)
    assert minute("NFO:NIFTY24JUN23600CE").ltp is None


def test_upstox_counts_in_units(tmp_path: Path) -> None:
    market = {"ltp": 150.25, "volume": 100, "oi": 3_000, "bid_price": 150, "bid_qty": 25, "ask_price": 151}
    market |= {"ask_qty": 50, "prev_oi": 2_500, "close_price": 160}
    leg = {"instrument_key": "NSE_FO|1", "market_data": market, "option_greeks": {"iv": 13.5}}
    row = {"expiry": "2024-06-27", "strike_price": 23_500, "underlying_key": "NSE_INDEX|Nifty 50"}
    row |= {"underlying_spot_price": 23_567.0, "call_options": leg, "put_options": leg}
    path = write(tmp_path / "u.json", {"status": "success", "data": [row]})
    report = option_chain_import(path, ChainContext(at=AT), create_instruments=True, lot_size=25)
    assert report.format == "upstox_json"
    assert (minute("NFO:NIFTY24JUN23500CE").oi, minute("NFO:NIFTY24JUN23500CE").previous_oi) == (3_000, 2_500)


def test_an_imported_chain_answers_at_its_moment(tmp_path: Path) -> None:
    rows = []
    for strike, call, put in ((23_500, 181.0, 93.9), (23_600, 124.0, 136.6), (23_700, 80.0, 192.4)):
        legs = {"CE": nse_leg(lastPrice=call, bidprice=0), "PE": nse_leg(lastPrice=put, bidprice=0)}
        rows.append(record(strike, **legs))
    run(write(tmp_path / "c.json", nse(*rows)))
    chain = chain_at("NIFTY", date(2024, 6, 27), AT)
    assert chain.market.spot == Decimal("23567.00")
    assert chain.atm_strike == 23_600
    assert chain.legs[0].oi_change == 500
    assert summarise(chain).atm_iv == pytest.approx(0.095, abs=0.02)


def test_a_second_import_changes_nothing_and_a_new_price_is_a_change(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", nse(record(), record(23_600)))
    run(path)
    again = run(path)
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, 2)
    assert again.created == ()
    corrected = run(write(path, nse(record(CE=nse_leg(lastPrice=151)), record(23_600))))
    assert (corrected.counts.updated, corrected.counts.unchanged) == (1, 1)
    assert minute("NFO:NIFTY24JUN23500CE").ltp == Decimal(151)
    assert FileImport.objects.filter(kind=FileImport.Kind.OPTION_CHAIN).count() == 3


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (record(CE=nse_leg(lastPrice=-1)), "bad_price"),
        (record(CE=nse_leg(lastPrice="x")), "bad_number"),
        (record(CE=nse_leg(lastPrice="NaN")), "bad_number"),
        (record(CE=nse_leg(lastPrice=1e12)), "bad_price"),
        (record(CE=nse_leg(bidprice=10, askPrice=9)), "crossed"),
        (record(CE=nse_leg(openInterest=-5)), "bad_number"),
        (record(CE=nse_leg(openInterest=16.67)), "bad_number"),
        (record(CE=nse_leg(openInterest=5, changeinOpenInterest=10)), "bad_number"),
        (record(strike=0, CE=nse_leg()), "bad_strike"),
        (record(strike=None, CE=nse_leg()), "bad_strike"),
        (record(expiry="soon", CE=nse_leg()), "bad_expiry"),
        ({"strikePrice": 1, "expiryDate": "27-Jun-2024"}, "no_legs"),
        ("a word", "bad_row"),
    ],
)
def test_a_bad_row_is_refused_by_its_number_and_the_rest_is_kept(tmp_path: Path, broken: Any, reason: str) -> None:
    report = run(write(tmp_path / "c.json", nse(record(23_600), broken, record(23_700))))
    assert [(reject.row, reject.reason) for reject in report.rejects] == [(2, reason)]
    assert report.counts.inserted == 2
    kept = FileImport.objects.get()
    assert [(row.row_number, row.reason) for row in kept.rejected_rows.all()] == [(2, reason)]


def test_repeated_rows_count_once_and_contradictions_are_refused(tmp_path: Path) -> None:
    other = record(CE=nse_leg(lastPrice=1), PE=nse_leg())
    report = run(write(tmp_path / "c.json", nse(record(), record(), other)))
    assert (report.duplicates, [(each.row, each.reason) for each in report.rejects]) == (1, [(3, "conflicting")])


def test_contracts_that_are_not_known_are_refused_unless_they_may_be_made(tmp_path: Path) -> None:
    make_instrument("NFO:NIFTY24JUN23500CE", expiry=date(2024, 6, 27), lot_size=25)
    path = write(tmp_path / "c.json", nse(record(CE=nse_leg()), record(23_600)))
    report = run(path, create=False)
    assert [(each.row, each.reason) for each in report.rejects] == [(2, "unknown_contract")]
    assert Instrument.objects.count() == 1
    with pytest.raises(FileBroken, match="no_lot_size"):
        option_chain_import(path, CONTEXT, create_instruments=True)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "wrong_columns"),
        ("{", "broken_json"),
        ('{"records": {"data": []}}', "no_rows"),
        ('{"other": 1}', "unknown_format"),
        ("CALLS,,PUTS\n,OI,LTP\n", "wrong_columns"),
        ('{"data": []}', "no_moment"),
    ],
)
def test_a_file_that_cannot_be_trusted_leaves_nothing_behind(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(FileBroken) as broken:
        option_chain_import(write(tmp_path / "x", content), ChainContext(), create_instruments=True, lot_size=25)
    assert broken.value.code == code
    assert not FileImport.objects.exists()
    assert not Instrument.objects.exists()


def test_a_truncated_gzip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c.json.gz"
    path.write_bytes(gzip.compress(json.dumps(nse(record())).encode())[:-20])
    with pytest.raises(FileBroken, match="truncated_gzip"):
        run(path)


def test_the_command_imports_and_fails_with_a_reason(tmp_path: Path) -> None:
    out, errors = StringIO(), StringIO()
    good = write(tmp_path / "c.json", nse(record()))
    call_command("import_option_chain", good, "--create-instruments", "--lot-size", "25", stdout=out, stderr=errors)
    assert "1 new" in out.getvalue()
    with pytest.raises(CommandError, match="1 of 1 files failed"):
        call_command("import_option_chain", write(tmp_path / "bad", "{"), stdout=out, stderr=errors)
    assert "broken_json" in errors.getvalue()


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "at", "expiry", "lot", "spot", "atm_iv"),
    [
        ("nse_api_NIFTY_2019-08.json.gz", "2019-08-23T15:30", date(2019, 8, 29), 75, 10829.35, 0.17),
        ("nse_api_NIFTY_2020-05-14.json.gz", "2020-05-14T15:29", date(2020, 5, 21), 75, 9142.75, 0.36),
        ("upstox_api_NIFTY_exp2024-06-27.json.gz", "2024-06-26T15:30", date(2024, 6, 27), 25, 23868.8, 0.14),
        ("option-chain-ED-NIFTY-30-Jun-2026.csv", "2026-06-25T15:30", date(2026, 6, 30), 65, None, 0.13),
    ],
)
def test_recorded_chains_import_and_imply_sane_volatilities(
    name: str, at: str, expiry: date, lot: int, spot: float | None, atm_iv: float
) -> None:
    path = Path(os.environ["SAUDA_SHARED"]) / "data" / "option_chain" / name
    moment = datetime.fromisoformat(at).replace(tzinfo=IST)
    report = option_chain_import(path, ChainContext(at=moment), create_instruments=True, lot_size=lot)
    assert len(report.rejects) <= 2
    again = option_chain_import(path, ChainContext(at=moment), create_instruments=True, lot_size=lot)
    assert again.counts.inserted == again.counts.updated == 0
    stored = OptionMinute.objects.filter(instrument__expiry=expiry).first()
    assert stored is not None
    chain = chain_at("NIFTY", expiry, stored.at)
    assert chain.market.spot == (None if spot is None else Decimal(str(spot)).quantize(Decimal("0.01")))
    assert chain.forward is not None
    assert summarise(chain).atm_iv == pytest.approx(atm_iv, abs=0.08)


@pytest.mark.parametrize("stamp", ["17-Jun-2024 15:30:00", "22-Jun-2024 12:00:00"], ids=["Bakri Id", "a Saturday"])
def test_a_chain_of_a_day_without_session_leaves_nothing_behind(tmp_path: Path, stamp: str) -> None:
    with pytest.raises(FileBroken) as refused:
        run(write(tmp_path / "c.json", nse(record(), timestamp=stamp)))
    assert refused.value.code == "no_session"
    assert not OptionMinute.objects.exists()
    assert not FileImport.objects.exists()


def test_a_row_that_expires_on_a_holiday_is_refused_by_its_number_and_makes_no_contract(tmp_path: Path) -> None:
    rows = [record(), record(expiry="15-Aug-2024"), record(expiry="28-Dec-2034")]
    report = run(write(tmp_path / "c.json", nse(*rows)))
    assert [(reject.row, reject.reason) for reject in report.rejects] == [(2, "expiry_on_holiday")]
    assert not Instrument.objects.filter(expiry=date(2024, 8, 15)).exists()
    assert OptionMinute.objects.filter(instrument__expiry=date(2034, 12, 28)).count() == 2
