"""Instruments and market hours over REST, and the type-ahead."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.permissions import Role
from tests.factories import make_instrument, make_member, make_user

pytestmark = pytest.mark.django_db

FAR = date(2099, 1, 27)


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(make_member(Role.VIEWER).user)
    return client


@pytest.fixture(autouse=True)
def _instruments() -> None:
    make_instrument("NSE:NIFTY", instrument_type="INDEX", has_derivatives=True, name="Nifty 50")
    make_instrument("NSE:M&M", name="Mahindra & Mahindra", has_derivatives=True)
    make_instrument("NSE:BAJAJ-AUTO", name="Bajaj Auto")
    make_instrument("NFO:NIFTY99JANFUT", expiry=FAR, lot_size=65)
    make_instrument("NFO:NIFTY99JAN24000CE", expiry=FAR, lot_size=65)
    make_instrument("NFO:NIFTY20JAN9000CE", expiry=date(2020, 1, 30), lot_size=75)


def keys(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["results"]]


def test_keys_with_ampersands_hyphens_and_aliases_reach_their_instrument(member: Client) -> None:
    assert member.get("/api/v1/instruments/NSE:M&M").json()["name"] == "Mahindra & Mahindra"
    assert member.get("/api/v1/instruments/NSE:M%26M").json()["key"] == "NSE:M&M"
    assert member.get("/api/v1/instruments/NSE:BAJAJ-AUTO").json()["symbol"] == "BAJAJ-AUTO"
    assert member.get("/api/v1/instruments/NSE:NIFTY50").json()["key"] == "NSE:NIFTY"


def test_an_option_shows_strike_and_tick_as_decimal_strings(member: Client) -> None:
    body = member.get("/api/v1/instruments/NFO:NIFTY99JAN24000CE").json()
    assert (body["strike"], body["tick_size"], body["lot_size"]) == ("24000.00", "0.05", 65)
    assert body["expiry"] == "2099-01-27"


@pytest.mark.parametrize("key", ["NSE:NOSUCH", "NOSUCH", "NSE:", "XX:Y", "NSE:%00"])
def test_an_unknown_key_is_a_404_with_a_stable_code(member: Client, key: str) -> None:
    answer = member.get(f"/api/v1/instruments/{key}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_symbol")


def test_the_list_holds_what_is_listed_today_in_pages(member: Client) -> None:
    first = member.get("/api/v1/instruments", {"limit": 3}).json()
    assert len(first["results"]) == 3
    second = member.get(first["next"]).json()
    everything = [row["key"] for row in first["results"] + second["results"]]
    assert everything == sorted(everything)
    assert len(everything) == 5
    assert "NFO:NIFTY20JAN9000CE" not in everything


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"exchange": "NFO"}, {"NFO:NIFTY99JANFUT", "NFO:NIFTY99JAN24000CE"}),
        ({"type": "INDEX"}, {"NSE:NIFTY"}),
        ({"underlying": "NIFTY", "type": "CE"}, {"NFO:NIFTY99JAN24000CE"}),
        ({"underlying": "NSE:Nifty 50"}, {"NFO:NIFTY99JANFUT", "NFO:NIFTY99JAN24000CE"}),
        ({"expiry": "2099-01-27"}, {"NFO:NIFTY99JANFUT", "NFO:NIFTY99JAN24000CE"}),
        ({"search": "nifty", "exchange": "NFO"}, {"NFO:NIFTY99JANFUT", "NFO:NIFTY99JAN24000CE"}),
        ({"search": "mahin"}, {"NSE:M&M"}),
    ],
)
def test_the_list_narrows_by_each_filter(member: Client, query: dict[str, str], expected: set[str]) -> None:
    assert set(keys(member.get("/api/v1/instruments", query))) == expected


@pytest.mark.parametrize(
    "query", [{"exchange": "XXX"}, {"type": "STOCK"}, {"expiry": "tomorrow"}, {"limit": "0"}, {"search": "a" * 61}]
)
def test_bad_filters_are_refused(member: Client, query: dict[str, str]) -> None:
    answer = member.get("/api/v1/instruments", query)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)


def test_market_status_names_the_session_of_each_segment(member: Client) -> None:
    body = member.get("/api/v1/market/status").json()
    assert {row["segment"] for row in body["segments"]} == {"EQUITY", "EQUITY_FNO", "EQUITY_DERIVATIVES"}
    assert body["simulated"] is False


def test_the_type_ahead_links_to_charts_and_escapes_what_was_typed(member: Client) -> None:
    page = member.get(reverse("instruments:search"), {"q": "m&m"}).content.decode()
    assert reverse("marketdata:chart", args=["NSE:M&M"]).replace("&", "&amp;") in page
    assert 'data-live="NSE:M&amp;M"' in page
    page = member.get(reverse("instruments:search"), {"q": "<script>"}).content.decode()
    assert "<script>" not in page


def test_without_log_in_there_is_nothing_to_see() -> None:
    assert Client().get("/api/v1/instruments").status_code == 401
    assert Client().get(reverse("instruments:search"), {"q": "n"}).status_code == 302


def test_a_user_of_no_organisation_sees_nothing() -> None:
    outsider = Client()
    outsider.force_login(make_user())
    assert outsider.get("/api/v1/instruments/NSE:NIFTY").status_code == 403
