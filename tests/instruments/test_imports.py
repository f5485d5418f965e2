"""Importing instrument masters: units, rejections, all or nothing, no effect the second time, dated tokens."""

import gzip
import json
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotFound
from trading.instruments.domain.tokens import TokenSpan, token_assigned
from trading.instruments.models import BrokerToken, ImportRun, Instrument, Source
from trading.instruments.selectors import instrument_for_token
from trading.instruments.services import instruments_import

pytestmark = pytest.mark.django_db

JULY, OCTOBER = date(2025, 7, 18), date(2025, 10, 5)
EXPIRY_MS = 1764095399000  # 2025-11-25 23:59:59 IST


def equity(symbol: str = "RELIANCE", **fields: Any) -> dict[str, Any]:
    return {
        "segment": "NSE_EQ",
        "name": f"{symbol} LTD",
        "exchange": "NSE",
        "isin": "INE002A01018",
        "instrument_type": "EQ",
        "instrument_key": f"NSE_EQ|{symbol}",
        "lot_size": 1,
        "freeze_quantity": 100000.0,
        "tick_size": 10.0,
        "trading_symbol": symbol,
    } | fields


def option(strike: float = 24000.0, **fields: Any) -> dict[str, Any]:
    return {
        "segment": "NSE_FO",
        "exchange": "NSE",
        "name": "NIFTY",
        "instrument_type": "CE",
        "instrument_key": f"NSE_FO|{strike:.0f}",
        "underlying_symbol": "NIFTY",
        "expiry": EXPIRY_MS,
        "weekly": False,
        "strike_price": strike,
        "lot_size": 75,
        "freeze_quantity": 1800.0,
        "tick_size": 5.0,
    } | fields


def run_import(tmp_path: Path, rows: object, on: date = OCTOBER, name: str = "master.json") -> ImportRun:
    path = tmp_path / name
    path.write_text(json.dumps(rows))
    return instruments_import(path=path, source=Source.UPSTOX, master_date=on)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.rejected


def test_upstox_ticks_are_paise_and_expiries_indian_dates(tmp_path: Path) -> None:
    index = {
        "segment": "NSE_INDEX",
        "name": "Nifty 50",
        "instrument_type": "INDEX",
        "instrument_key": "NSE_INDEX|Nifty 50",
        "trading_symbol": "NIFTY 50",
    }
    weekly = option(strike=24050, weekly=True, expiry=1763490599000)
    run = run_import(tmp_path, [index, equity(), equity("M&M"), option(), weekly])
    assert counts(run) == (5, 0, 0, 0)
    stock = Instrument.objects.get(key="NSE:RELIANCE")
    assert (stock.tick_size, stock.isin, stock.has_derivatives) == (Decimal("0.10"), "INE002A01018", False)
    call = Instrument.objects.get(key="NFO:NIFTY25NOV24000CE")
    assert (call.expiry, call.strike, call.tick_size) == (date(2025, 11, 25), Decimal(24000), Decimal("0.05"))
    assert (call.lot_size, call.freeze_quantity) == (75, 1800)
    assert Instrument.objects.filter(key="NFO:NIFTY25NOV18W24050CE").exists()
    assert Instrument.objects.get(key="NSE:NIFTY").has_derivatives
    assert instrument_for_token(Source.UPSTOX, "NSE_EQ|M&M", OCTOBER).key == "NSE:M&M"


def test_a_second_import_changes_nothing_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "master_2025-10-05.json.gz"
    path.write_bytes(gzip.compress(json.dumps([equity(), option(), {"segment": "??"}]).encode()))
    call_command("import_instruments", path, source="upstox")
    first = list(Instrument.objects.values()) + list(BrokerToken.objects.values())
    call_command("import_instruments", path, source="upstox")
    assert list(Instrument.objects.values()) + list(BrokerToken.objects.values()) == first
    printed = capsys.readouterr().out
    assert "published 2025-10-05" in printed
    assert "Nothing changed." in printed


def test_a_changed_row_is_updated_and_the_rest_left(tmp_path: Path) -> None:
    run_import(tmp_path, [equity(), option()], on=JULY)
    run = run_import(tmp_path, [equity(), option(lot_size=65)])
    assert counts(run) == (0, 1, 1, 0)
    assert Instrument.objects.get(key="NFO:NIFTY25NOV24000CE").lot_size == 65


def test_an_older_master_adds_but_never_overwrites(tmp_path: Path) -> None:
    run_import(tmp_path, [equity(name="New name")])
    run = run_import(tmp_path, [equity(name="Old name"), equity("OLD")], on=JULY)
    assert counts(run) == (1, 0, 1, 0)
    assert Instrument.objects.get(key="NSE:RELIANCE").name == "New name"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "missing_field"),
        ("text", "missing_field"),
        (equity(segment="MOON_EQ"), "unknown_segment"),
        (equity(instrument_type="MF"), "unsupported_type"),
        (equity("011NSETEST"), "test_instrument"),
        (equity("BAD/SYMBOL"), "bad_symbol"),
        (equity(lot_size=0), "bad_lot_size"),
        (equity(lot_size=1.5), "bad_lot_size"),
        (equity(tick_size=0), "bad_tick_size"),
        (equity(tick_size="NaN"), "bad_tick_size"),
        (equity(tick_size=0.001), "bad_tick_size"),
        (equity(freeze_quantity=-1), "bad_freeze_quantity"),
        (option(expiry="soon"), "bad_expiry"),
        (option(expiry=10**30), "bad_expiry"),
        (option(strike_price=-5), "bad_strike"),
        (option(strike_price=None), "bad_strike"),
    ],
)
def test_a_bad_row_is_rejected_with_its_number_and_reason(tmp_path: Path, row: object, reason: str) -> None:
    run = run_import(tmp_path, [equity("GOOD"), row, equity("ALSO")])
    assert counts(run) == (2, 0, 0, 1)
    assert list(run.rejected_rows.values_list("row_number", "reason")) == [(2, reason)]


def test_repeated_keys_and_tokens_are_rejected(tmp_path: Path) -> None:
    same_key = equity(instrument_key="NSE_EQ|OTHER")
    same_token = equity("TCS", instrument_key="NSE_EQ|RELIANCE")
    run = run_import(tmp_path, [equity(), same_key, same_token])
    assert [row.reason for row in run.rejected_rows.all()] == ["duplicate_key", "duplicate_token"]


@pytest.mark.parametrize("text", ["", "{}", "[", '[{"segment": "NSE_EQ"', "not json", "[1, 2"])
def test_a_broken_file_leaves_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    whole = json.dumps([equity(f"S{number}") for number in range(50)])
    path.write_text(whole[:-1] + "," if text == "[" else text)
    with pytest.raises(InvalidInput) as caught:
        instruments_import(path=path, source=Source.UPSTOX, master_date=OCTOBER)
    assert caught.value.code == "malformed_file"
    assert not Instrument.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_truncated_archive_fails_the_command_with_a_clear_message(tmp_path: Path) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(gzip.compress(json.dumps([equity()]).encode())[:-9])
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_instruments", path, source="upstox")
    with pytest.raises(CommandError, match="no file"):
        call_command("import_instruments", tmp_path / "missing.json", source="upstox")


def test_kite_prices_are_rupees_and_its_weekly_contracts_get_their_day(tmp_path: Path) -> None:
    path = tmp_path / "kite.csv"
    path.write_text(
        "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
        "instrument_type,segment,exchange\n"
        "1,1,NIFTY26AUGFUT,NIFTY,0.0,2026-08-25,0.0,0.1,65,FUT,NFO-FUT,NFO\n"
        "2,2,NIFTY2681824450CE,NIFTY,0.0,2026-08-18,24450.0,0.05,65,CE,NFO-OPT,NFO\n"
        "3,3,BAJAJ-AUTO,BAJAJ AUTO,0.0,,0.0,0.5,1,EQ,NSE,NSE\n"
        "4,4,IDEA-BE,VODAFONE IDEA,0.0,,0.0,0.01,1,EQ,NSE,NSE\n"
        "5,5,NIFTY BANK,NIFTY BANK,0.0,,0.0,0.0,0,EQ,INDICES,NSE\n"
        "6,6,X26AUGFUT,X,0.0,25-08-2026,0.0,0.1,65,FUT,NFO-FUT,NFO\n"
    )
    run = instruments_import(path=path, source=Source.KITE, master_date=date(2026, 8, 21))
    assert counts(run) == (5, 0, 0, 1)
    assert set(Instrument.objects.values_list("key", "tick_size")) == {
        ("NFO:NIFTY26AUGFUT", Decimal("0.1")),
        ("NFO:NIFTY26AUG18W24450CE", Decimal("0.05")),
        ("NSE:BAJAJ-AUTO", Decimal("0.5")),
        ("NSE:IDEA", Decimal("0.01")),
        ("NSE:BANKNIFTY", Decimal("0.05")),
    }


def test_kite_does_not_blank_what_only_upstox_tells(tmp_path: Path) -> None:
    run_import(tmp_path, [equity()])
    path = tmp_path / "kite.csv"
    path.write_text(
        "instrument_token,tradingsymbol,name,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n"
        "738561,RELIANCE,RELIANCE LTD,,0,0.1,1,EQ,NSE,NSE\n"
    )
    run = instruments_import(path=path, source=Source.KITE, master_date=OCTOBER)
    assert counts(run) == (0, 0, 1, 0)
    stock = Instrument.objects.get(key="NSE:RELIANCE")
    assert (stock.isin, stock.freeze_quantity) == ("INE002A01018", 100000)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("SYMBOL,SERIES,CLOSE,ISIN,", "M&M,EQ,3312.40,INE101A01026,"),
        ("SYMBOL, SERIES, DATE1, CLOSE_PRICE", "M&M, EQ, 25-Aug-2025, 3312.40"),
        ("SYMBOL,NAME OF COMPANY, SERIES, MARKET LOT, ISIN NUMBER", "M&M,Mahindra,EQ,1,INE101A01026"),
    ],
)
def test_each_of_nses_own_lists_is_understood(tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "nse.csv"
    path.write_text(f"{header}\n{row}\n")
    run = instruments_import(path=path, source=Source.NSE, master_date=date(2025, 8, 25))
    assert counts(run) == (1, 0, 0, 0)
    stock = Instrument.objects.get(key="NSE:M&M")
    assert stock.tick_size == (Decimal("0.10") if "CLOSE" in header else Decimal("0.05"))


def test_a_csv_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kite.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InvalidInput, match="no column"):
        instruments_import(path=path, source=Source.KITE, master_date=OCTOBER)


def test_a_reused_token_means_the_instrument_of_its_date(tmp_path: Path) -> None:
    expired = option(strike=100, expiry=1753986599000, instrument_key="NSE_FO|60166")
    run_import(tmp_path, [expired], on=JULY)
    run = run_import(tmp_path, [option(instrument_key="NSE_FO|60166")])
    assert (run.tokens_opened, run.tokens_closed) == (1, 1)
    assert instrument_for_token(Source.UPSTOX, "NSE_FO|60166", JULY).key == "NFO:NIFTY25JUL100CE"
    assert instrument_for_token(Source.UPSTOX, "NSE_FO|60166", OCTOBER).key == "NFO:NIFTY25NOV24000CE"
    with pytest.raises(NotFound):
        instrument_for_token(Source.UPSTOX, "NSE_FO|60166", date(2025, 9, 1))
    with pytest.raises(NotFound):
        instrument_for_token(Source.KITE, "NSE_FO|60166", OCTOBER)


@given(st.lists(st.tuples(st.integers(1, 3), st.dates(date(2025, 1, 1), date(2025, 1, 20))), max_size=12))
def test_spans_of_a_token_never_overlap_and_the_last_word_on_a_date_holds(
    lessons: list[tuple[int, date]],
) -> None:
    spans: list[TokenSpan] = []
    for instrument_id, on in lessons:
        spans = token_assigned(spans, instrument_id, on)
        assert [span.instrument_id for span in spans if span.holds_on(on)] == [instrument_id]
        assert token_assigned(spans, instrument_id, on) == spans
        for earlier, later in pairwise(spans):
            assert earlier.valid_to is not None
            assert earlier.valid_from <= earlier.valid_to < later.valid_from
