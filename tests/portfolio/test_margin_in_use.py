"""Margin by underlying as its owner sees it, and the refresh that keeps it at the prices of now."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core import clock
from core.store import get_store
from core.tenancy import system_scope
from notifications.models import Notification
from tests.factories import make_instrument, make_member
from tests.orders.desk import show_book
from tests.portfolio.conftest import Desk, log_in
from trading.brokers.domain.terms import Product, Side
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.wire import QUOTES_HASH
from trading.portfolio.models import LedgerBalance, LedgerTransaction, MarginBlock
from trading.portfolio.services import funds_withdraw, ledger_verify, margins_refresh

LOT = 65
CALL, HEDGE = "NFO:NIFTY26NOV24500CE", "NFO:NIFTY26NOV24700CE"
Trade = Callable[..., None]


@pytest.fixture(autouse=True)
def _market(db: None, settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    get_store().delete(QUOTES_HASH)
    forget_reference_data()
    show_book(key="NSE:NIFTY", bids=(), asks=(), ltp="24000.00", close="24000.00")
    show_book(key=CALL, bids=(), asks=(), ltp="45.00")
    show_book(key=HEDGE, bids=(), asks=(), ltp="21.00")


@pytest.fixture
def condor_half(desk: Desk, trade: Trade) -> None:
    """One lot written at 24500, hedged at 24700."""
    expiry = clock.trading_date() + timedelta(days=7)
    for side, key, price in ((Side.BUY, HEDGE, "21.00"), (Side.SELL, CALL, "45.00")):
        contract = make_instrument(key, expiry=expiry, lot_size=LOT)
        trade(side, LOT, price, product=Product.NORMAL, instrument=contract)


def rise() -> None:
    show_book(key="NSE:NIFTY", bids=(), asks=(), ltp="24550.00", close="24000.00")
    show_book(key=CALL, bids=(), asks=(), ltp="230.00")
    show_book(key=HEDGE, bids=(), asks=(), ltp="150.00")


def refreshed() -> int:
    with system_scope():
        return margins_refresh()


def spend_all_but(desk: Desk, paise: int) -> None:
    available = LedgerBalance.objects.get().available_paise
    funds_withdraw(actor=desk.admin, account_id=desk.account.id, paise=available - paise)


@pytest.mark.usefixtures("condor_half")
def test_api_splits_used_margin_by_underlying(desk: Desk, trade: Trade) -> None:
    trade(Side.BUY, 10, "1500.00")
    answer = log_in(desk.alice).get(f"/api/v1/accounts/{desk.account.id}/margin").json()
    nifty = answer["underlyings"][0]
    block = MarginBlock.objects.get()
    assert (nifty["underlying"], nifty["premium"], nifty["withheld_premium"]) == ("NIFTY", "1365.00", "2925.00")
    parts = sum(Decimal(nifty[part]) for part in ("span", "exposure", "calendar"))
    assert parts == Decimal(nifty["margin"]) == Decimal(block.amount_paise) / 100
    assert Decimal(answer["total"]) == Decimal(nifty["margin"]) + Decimal(answer["shares"])
    assert answer["shares"] == "3000.00"
    assert Decimal(nifty["benefit"]) > 0


@pytest.mark.usefixtures("condor_half")
def test_outsider_and_colleague_without_accounts_learn_nothing(desk: Desk) -> None:
    address = f"/api/v1/accounts/{desk.account.id}/margin"
    assert log_in(make_member(Role.OWNER)).get(address).status_code == 404
    other_trader = make_member(Role.TRADER, desk.alice.organisation)
    assert log_in(other_trader).get(address).status_code == 404
    assert Client().get(address).status_code in (401, 403)


@pytest.mark.usefixtures("condor_half")
def test_funds_page_shows_the_split_and_its_part_alone(desk: Desk) -> None:
    browser = log_in(desk.alice)
    page = browser.get("/funds/").content.decode()
    assert "Margin in use" in page
    assert "NIFTY" in page
    part = browser.get("/funds/?part=margin", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<section class="panel" id="margin"')


@pytest.mark.usefixtures("condor_half")
def test_refresh_follows_prices_and_does_nothing_twice_in_a_minute(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = clock.now()
    monkeypatch.setattr(clock, "now", lambda: noon)
    assert refreshed() == 0
    rise()
    before = MarginBlock.objects.get().amount_paise
    assert [refreshed(), refreshed()] == [1, 0]
    assert MarginBlock.objects.get().amount_paise > before
    assert LedgerTransaction.objects.filter(source_type="MARGIN").count() == 1
    with system_scope():
        assert ledger_verify() == []


@pytest.mark.usefixtures("condor_half")
def test_refresh_leaves_a_closed_market_alone(desk: Desk, settings: Settings, monkeypatch: Any) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    night = clock.now().replace(hour=20, minute=0)
    monkeypatch.setattr(clock, "now", lambda: night)
    rise()
    assert refreshed() == 0


@pytest.mark.usefixtures("condor_half")
def test_shortfall_is_told_to_owner_and_risk_managers_once_an_hour(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = make_member(Role.RISK_MANAGER, desk.alice.organisation)
    make_member(Role.VIEWER, desk.alice.organisation)
    spend_all_but(desk, 0)
    rise()
    assert refreshed() == 1
    told = Notification.objects.filter(kind="margin_shortfall")
    assert set(told.values_list("user_id", flat=True)) == {desk.alice.user_id, manager.user_id}
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    refreshed()
    assert told.count() == 2
    assert LedgerBalance.objects.get().available_paise < 0
    answer = log_in(desk.alice).get(f"/api/v1/accounts/{desk.account.id}/margin").json()
    assert Decimal(answer["shortfall"]) > 0
