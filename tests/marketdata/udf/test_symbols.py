from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_instrument
from tests.marketdata.builders import make_quote
from trading.instruments.models import InstrumentType
from trading.marketdata.domain.udf.symbol import price_format
from trading.marketdata.services import quote_publish

pytestmark = pytest.mark.django_db


def test_config_promises_search_or_groups_but_not_both(ask):
    config = ask("config")
    assert config["supports_search"] is not config["supports_group_request"]
    assert (config["supports_marks"], config["supports_timescale_marks"], config["supports_time"]) == (True,) * 3
    assert config["supported_resolutions"] == ["1", "3", "5", "15", "30", "60", "1D", "1W", "1M"]
    assert {"value": "NSE", "name": "NSE", "desc": "National Stock Exchange"} in config["exchanges"]
    assert {"name": "Stock", "value": "stock"} in config["symbols_types"]


def test_every_field_of_a_share_is_right(ask):
    make_instrument("NSE:RELIANCE", name="Reliance Industries")
    info = ask("symbols", symbol="NSE:RELIANCE")
    assert "s" not in info
    holidays = set(info.pop("session_holidays").split(","))
    assert {"20221108", "20261225"} <= holidays
    assert "20221109" not in holidays
    corrections = info.pop("corrections")
    assert "1815-1915:20221024" in corrections.split(";"), "Muhurat trading of 2022"
    assert info == {
        "name": "RELIANCE",
        "full_name": "NSE:RELIANCE",
        "ticker": "NSE:RELIANCE",
        "description": "Reliance Industries",
        "type": "stock",
        "session": "0915-1530",
        "timezone": "Asia/Kolkata",
        "exchange": "NSE",
        "listed_exchange": "NSE",
        "minmov": 5,
        "minmove2": 0,
        "pricescale": 100,
        "format": "price",
        "currency_code": "INR",
        "has_intraday": True,
        "has_daily": True,
        "has_weekly_and_monthly": True,
        "intraday_multipliers": ["1", "3", "5", "15", "30", "60"],
        "supported_resolutions": ["1", "3", "5", "15", "30", "60", "1D", "1W", "1M"],
        "visible_plots_set": "ohlcv",
        "volume_precision": 0,
        "data_status": "streaming",
    }


def test_a_share_with_derivatives_trades_through_its_closing_auction(ask):
    make_instrument("NSE:SBIN", has_derivatives=True)
    assert ask("symbols", symbol="NSE:SBIN")["session"] == "0915-1535"


def test_an_index_has_no_volume_and_an_expired_contract_says_so(ask):
    make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)
    make_instrument("NFO:NIFTY22NOVFUT", expiry=date(2022, 11, 24), tick_size=Decimal("0.10"))
    index = ask("symbols", symbol="nse:nifty 50")
    assert (index["type"], index["visible_plots_set"], index["ticker"]) == ("index", "ohlc", "NSE:NIFTY")
    future = ask("symbols", symbol="NFO:NIFTY22NOVFUT")
    assert (future["type"], future["expired"], future["minmov"]) == ("futures", True, 10)
    assert future["expiration_date"] == 1669248000


def test_a_simulated_market_never_closes(ask, settings):
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    make_instrument("NSE:RELIANCE")
    info = ask("symbols", symbol="NSE:RELIANCE")
    assert (info["session"], info["session_holidays"], info["corrections"]) == ("24x7", "", "")


def test_what_the_client_sends_back_is_the_ticker_and_a_bare_name_will_do(ask):
    make_instrument("NSE:RELIANCE")
    assert ask("symbols", symbol="RELIANCE") == ask("symbols", symbol="NSE:RELIANCE")


@pytest.mark.parametrize("symbol", ["NSE:NOBODY", "NOBODY", "garbage:::", "", "💥"])
def test_an_unknown_symbol_is_an_error_in_the_body(ask, symbol):
    answer = ask("symbols", symbol=symbol)
    assert (answer["s"], bool(answer["errmsg"])) == ("error", True)


@given(places=st.integers(0, 4), steps=st.integers(1, 500))
def test_a_tick_is_its_steps_over_its_scale(places, steps):
    tick = Decimal(steps).scaleb(-places)
    shape = price_format(tick)
    assert Decimal(shape.minmov) / shape.pricescale == tick
    assert shape.pricescale in (100, 1_000, 10_000)


def test_search_finds_by_name_and_narrows_by_exchange_and_type(ask):
    make_instrument("NSE:RELIANCE", name="Reliance Industries")
    make_instrument("BSE:RELIANCE", name="Reliance Industries")
    make_instrument("NFO:RELIANCE26NOVFUT", expiry=date(2026, 11, 26))
    found = ask("search", query="RELIANCE", limit=30, type="", exchange="")
    assert [one["ticker"] for one in found] == ["NSE:RELIANCE", "BSE:RELIANCE", "NFO:RELIANCE26NOVFUT"]
    assert found[0] == {
        "symbol": "RELIANCE",
        "full_name": "NSE:RELIANCE",
        "description": "Reliance Industries",
        "exchange": "NSE",
        "ticker": "NSE:RELIANCE",
        "type": "stock",
    }
    assert [one["ticker"] for one in ask("search", query="reli", exchange="BSE")] == ["BSE:RELIANCE"]
    assert [one["type"] for one in ask("search", query="RELIANCE", type="futures")] == ["futures"]
    assert len(ask("search", query="RELIANCE", limit=1)) == 1
    assert ask("search", query="NOBODYATALL") == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "many"}, {"type": "pudding"}, {"query": "x" * 100}])
def test_a_bad_search_is_told_what_is_wrong(ask, query):
    assert ask("search", **({"query": "REL"} | query))["s"] == "error"


def test_quotes_carry_the_protocols_fields_and_name_what_is_unknown(ask):
    make_instrument("NSE:RELIANCE", name="Reliance Industries")
    make_instrument("NSE:TCS")
    quote_publish([make_quote("100.00")])
    answer = ask("quotes", symbols="NSE:RELIANCE,NSE:NOBODY,NSE:TCS")
    assert answer["s"] == "ok"
    first, unknown, silent = answer["d"]
    assert first == {
        "s": "ok",
        "n": "NSE:RELIANCE",
        "v": {
            "lp": 100.0, "ch": 1.0, "chp": 1.01, "open_price": 100.0, "high_price": 100.0, "low_price": 100.0,
            "prev_close_price": 99.0, "volume": 1000, "bid": 99.95, "ask": 100.05, "spread": 0.1,
            "short_name": "RELIANCE", "exchange": "NSE", "description": "Reliance Industries",
            "original_name": "NSE:RELIANCE",
        },
    }  # fmt: skip
    assert (unknown["s"], unknown["n"], silent["s"]) == ("error", "NSE:NOBODY", "error")


def test_quotes_of_nothing_are_an_error(ask):
    assert ask("quotes", symbols=",")["s"] == "error"
    assert ask("quotes")["s"] == "error"
