"""The option chain page: now and then, its columns, and what it refuses."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core import clock
from core.store import get_store
from tests.factories import make_member
from tests.marketdata.options.market import EXPIRY, STRIKES, list_chain, option_key, show_chain, store_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _market(settings: Settings) -> Iterator[None]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    get_store().delete("quotes")
    yield
    get_store().delete("quotes")


@pytest.fixture
def trader(client: Client) -> Client:
    client.force_login(make_member(Role.TRADER).user)
    return client


@pytest.fixture
def expiry() -> date:
    return clock.trading_date() + timedelta(days=7)


def page(client: Client, address: str = "/options/NIFTY/", **query: str) -> str:
    answer = client.get(address, query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_every_strike_with_the_money_marked(trader: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    shown = page(trader, "/options/")
    assert shown.count("<tr data-strike=") == len(STRIKES)
    assert '<tr data-strike="24000.00" class="atm"' in shown
    assert "data-follow" in shown
    assert f'data-key="{option_key(expiry, 24_000, "CE")}"' in shown
    assert "Synthetic" in shown
    assert '<svg class="plot"' in shown


def test_a_viewer_gets_prices_without_ways_to_trade(client: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    client.force_login(make_member(Role.VIEWER).user)
    shown = page(client)
    assert shown.count("<tr data-strike=") == len(STRIKES)
    assert "data-leg=" not in shown


def test_a_past_minute_is_shown_without_live_cells_or_orders(trader: Client) -> None:
    list_chain()
    made = store_day(missing=0.0, minutes=60)
    shown = page(trader, expiry=EXPIRY.isoformat(), at="2024-06-20T09:45")
    assert "20 Jun 2024, 09:45:00" in shown
    assert f"{made.spot[29]:,}" in shown
    assert "data-follow" not in shown
    assert "data-leg=" not in shown


@pytest.mark.parametrize(
    ("at", "said"),
    [("soon", "That is no time"), ("2091-01-01T10:00", "still to come"), ("2019-06-20T10:00", "Nothing is stored")],
)
def test_a_moment_that_cannot_be_shown_is_said(trader: Client, expiry: date, at: str, said: str) -> None:
    list_chain(expiry)
    show_chain(expiry)
    assert said in page(trader, at=at)


def test_columns_are_kept_for_each_member(trader: Client, client: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    answer = trader.post(
        "/options/columns/",
        {"columns": ["vega", "iv", "made-up"], "underlying": "NIFTY", "expiry": expiry.isoformat()},
    )
    assert answer.headers["Location"] == f"/options/NIFTY/?expiry={expiry.isoformat()}"
    shown = page(trader)
    assert 'class="num c-vega"' in shown
    assert 'class="num c-oi"' not in shown
    client.force_login(make_member(Role.TRADER).user)
    assert 'class="num c-oi"' in page(client)


def test_no_columns_at_all_is_a_choice(trader: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    trader.post("/options/columns/", {"underlying": "NIFTY"})
    assert '<th scope="col" class="num c-' not in page(trader)


def test_htmx_gets_the_changing_part_alone(trader: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    answer = trader.get("/options/NIFTY/", headers={"HX-Request": "true", "HX-Target": "chain-part"})
    assert b"<html" not in answer.content
    assert b"chain-table" in answer.content


def test_without_options_the_page_says_so_and_an_unknown_underlying_is_404(trader: Client) -> None:
    assert "No options are listed" in page(trader, "/options/")
    assert trader.get("/options/NOSUCH/").status_code == 404
