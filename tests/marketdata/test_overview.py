"""The market at a glance."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from core.clock import trading_date
from core.store import get_store
from tests.factories import make_instrument, make_member
from tests.marketdata.builders import make_quote
from trading.instruments.models import InstrumentType
from trading.marketdata.domain import overview
from trading.marketdata.domain.overview import UNSORTED, Share, YearRange
from trading.marketdata.models import DailyBar
from trading.marketdata.services import quote_publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quotes() -> None:
    get_store().delete("quotes")


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_member(Role.VIEWER).user)
    return client


def share(
    symbol: str, change: str, *, volume: int = 100, sector: str = "Power", year: YearRange | None = None
) -> Share:
    close = Decimal("100.00")
    quote = make_quote(str(close + Decimal(change)), key=f"NSE:{symbol}", close=close, volume=volume)
    return Share(f"NSE:{symbol}", symbol.title(), sector, quote, year)


def names(shares: list[Share]) -> list[str]:
    return [each.symbol.partition(":")[2] for each in shares]


def test_movers_are_ordered_by_change_and_by_value():
    shares = [share("A", "1"), share("B", "-3", volume=900), share("C", "5"), share("D", "0"), share("E", "-1")]
    assert names(overview.gainers(shares, 10)) == ["C", "A"]
    assert names(overview.losers(shares, 10)) == ["B", "E"]
    assert names(overview.most_active(shares, 2)) == ["B", "C"]
    assert overview.gainers(shares, 1) == overview.gainers(shares, 10)[:1]


def test_breadth_counts_every_share_once():
    year = YearRange(Decimal(90), Decimal(104), 200)
    shares = [share("A", "5", year=year), share("B", "-12", year=year), share("C", "0"), share("D", "2")]
    counted = overview.breadth(shares)
    assert (counted.advances, counted.declines, counted.unchanged) == (2, 1, 1)
    assert (counted.at_year_high, counted.at_year_low) == (1, 1)
    # The builder's open is the last price: neither above nor below it.
    assert (counted.above_open, counted.below_open) == (0, 0)


def test_a_sectors_change_weighs_its_shares_by_value():
    shares = [
        share("A", "4", volume=300),
        share("B", "-4", volume=100),
        share("C", "1", sector="Banks", volume=9_000),
        share("D", "1", sector=UNSORTED, volume=99_999),
    ]
    banks, power, unsorted = overview.by_sector(shares)
    assert (banks.name, power.name, unsorted.name) == ("Banks", "Power", UNSORTED)
    # (4 % × 31,200 − 4 % × 9,600) / 40,800
    assert power.change_pct == Decimal("2.12")
    assert (power.advances, power.declines) == (1, 1)


def test_a_sector_without_trades_has_the_mean_of_its_shares():
    (power,) = overview.by_sector([share("A", "4", volume=0), share("B", "-1", volume=0)])
    assert power.change_pct == Decimal("1.50")


@pytest.mark.parametrize(
    ("price", "position"), [("80", "0"), ("90", "0.0"), ("95", "50.0"), ("100", "100.0"), ("120", "100")]
)
def test_a_price_stands_between_the_extremes_of_its_year(price, position):
    assert YearRange(Decimal(90), Decimal(100), 9).position(Decimal(price)) == Decimal(position)


@pytest.mark.parametrize(
    ("change", "heat"), [("0", 0), ("0.04", 0), ("0.5", 1), ("-0.8", -2), ("2", 3), ("-9", -3)]
)
def test_heat_has_seven_shades(change, heat):
    assert share("A", change).heat == heat


def test_the_api_tells_indices_movers_breadth_and_sectors(viewer):
    reliance = make_instrument("NSE:RELIANCE", name="Reliance Industries")
    for symbol in ("TCS", "XYZ"):
        make_instrument(f"NSE:{symbol}")
    for symbol in ("BANKNIFTY", "NIFTY"):
        make_instrument(f"NSE:{symbol}", instrument_type=InstrumentType.INDEX)
    make_instrument("BSE:TCS")
    for days, (low, high) in enumerate([("90", "130"), ("95", "150"), ("1", "999")], start=1):
        DailyBar.objects.create(
            instrument=reliance,
            # The last one lies before the 52 weeks.
            date=trading_date() - timedelta(days=days if days < 3 else 400),
            source=DailyBar.Source.BHAVCOPY,
            open=high,
            high=high,
            low=low,
            close=low,
        )
    quote_publish(
        [
            make_quote("105.00", close=Decimal("100.00"), volume=10),
            make_quote("98.00", key="NSE:TCS", close=Decimal("100.00"), volume=20),
            make_quote("100.00", key="NSE:NIFTY"),
            make_quote("100.00", key="NSE:BANKNIFTY"),
            make_quote("500.00", key="BSE:TCS"),
        ]
    )
    answer = viewer.get("/api/v1/market/overview").json()
    assert [index["symbol"] for index in answer["indices"]] == ["NSE:NIFTY", "NSE:BANKNIFTY"]
    assert [one["symbol"] for one in answer["gainers"]] == ["NSE:RELIANCE"]
    assert [one["symbol"] for one in answer["losers"]] == ["NSE:TCS"]
    assert [one["symbol"] for one in answer["active"]] == ["NSE:TCS", "NSE:RELIANCE"]
    gainer = answer["gainers"][0]
    assert gainer["year"] == {"low": "90.0000", "high": "150.0000", "days": 2, "position": "25.0"}
    assert gainer["sector"].startswith("Oil")
    assert answer["losers"][0]["year"] is None
    assert (answer["breadth"]["advances"], answer["breadth"]["declines"]) == (1, 1)
    assert {sector["name"]: sector["symbols"] for sector in answer["sectors"]} == {
        "Information Technology": ["NSE:TCS"],
        gainer["sector"]: ["NSE:RELIANCE"],
    }


@pytest.mark.parametrize("query", ["movers=0", "movers=many", "movers=101"])
def test_a_bad_request_is_told_what_is_wrong(viewer, query):
    answer = viewer.get(f"/api/v1/market/overview?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_the_page_shows_the_same_and_htmx_gets_its_live_part(viewer):
    make_instrument("NSE:RELIANCE")
    quote_publish([make_quote("105.00", close=Decimal("100.00"))])
    page = viewer.get("/market/").content.decode()
    assert 'data-live="NSE:RELIANCE"' in page
    assert 'data-heat="3"' in page
    part = viewer.get("/market/", headers={"HX-Request": "true", "HX-Target": "market-live"}).content.decode()
    assert "<html" not in part
    assert 'data-heat="3"' in part


def test_a_market_without_quotes_says_so(viewer):
    make_instrument("NSE:RELIANCE")
    assert "No prices yet" in viewer.get("/market/").content.decode()
