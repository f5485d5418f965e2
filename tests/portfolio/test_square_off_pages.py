"""The countdown to the square-off and a position's history, on pages and in the API."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from core import clock
from tests.portfolio.conftest import Desk, log_in, publish
from trading.brokers.domain.terms import Side
from trading.portfolio.models import Position

# Monday 16 November 2026, 15:12 in India: the square-off of this share is at 15:20, warned of since 15:10.
NEAR = datetime(2026, 11, 16, 9, 42, tzinfo=UTC)


@pytest.fixture
def near(desk: Desk, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Desk:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    monkeypatch.setattr(clock, "now", lambda: NEAR)
    return desk


def test_the_frame_and_the_page_count_down_once_the_warning_is_given(near: Desk, trade) -> None:  # type: ignore[no-untyped-def]
    client = log_in(near.alice)
    assert "Square-off in" not in client.get("/positions/").content.decode()
    trade(Side.BUY, 10, "1500")
    page = client.get("/positions/").content.decode()
    assert "Square-off in" in page
    assert "1 intraday position (NSE:RELIANCE) is closed at" in page
    assert 'data-countdown="2026-11-16T15:20:00+05:30"' in page
    assert "Square-off in" in client.get("/funds/").content.decode()


def test_the_api_names_the_square_off(near: Desk, trade) -> None:  # type: ignore[no-untyped-def]
    trade(Side.BUY, 10, "1500")
    (due,) = log_in(near.alice).get(f"/api/v1/accounts/{near.account.id}/square-off").json()["due"]
    assert (due["segment"], due["symbols"], due["fee"], due["is_near"]) == (
        "EQUITY",
        ["NSE:RELIANCE"],
        "50.00",
        True,
    )


def test_positions_show_the_day_before_and_after_charges(desk: Desk, trade) -> None:  # type: ignore[no-untyped-def]
    trade(Side.BUY, 10, "1500")
    publish(desk, "1510")
    position = Position.objects.get()
    page = log_in(desk.alice).get("/positions/").content.decode()
    assert "Day P&amp;L before charges" in page
    charges = Decimal(position.charges_paise) / 100
    assert f"+₹{100 - charges}" in page


def test_a_plan_is_chosen_when_an_account_is_opened(desk: Desk) -> None:
    client = log_in(desk.bob)
    opened = client.post(
        "/api/v1/accounts", {"name": "Upstox paper", "brokerage_plan": "upstox"}, content_type="application/json"
    )
    assert (opened.status_code, opened.json()["brokerage_plan"]) == (201, "upstox")
    refused = client.post(
        "/api/v1/accounts", {"name": "Other", "brokerage_plan": "nobody"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_plan")


def test_charges_of_a_day_that_is_no_date_are_refused(desk: Desk) -> None:
    client = log_in(desk.alice)
    answer = client.get(f"/api/v1/accounts/{desk.account.id}/charges?date=yesterday")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_date")
    empty = client.get(f"/api/v1/accounts/{desk.account.id}/charges?date=2026-01-05").json()
    assert (empty["trades"], empty["posted"]["total"]) == (0, "0.00")


def test_the_countdown_is_empty_without_intraday_positions(near: Desk) -> None:
    assert log_in(near.alice).get("/positions/square-off/").content.strip() == b""
