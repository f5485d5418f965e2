"""The positions, holdings and funds pages."""

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from core.ids import new_id
from tests.factories import make_account, make_member
from tests.portfolio.conftest import log_in, make_desk, publish
from trading.brokers.domain.terms import Product, Side
from trading.portfolio.models import LedgerBalance, TradingAccount

PAGES = ["/positions/", "/holdings/", "/funds/"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_send_a_stranger_to_log_in(db, page):
    answer = Client().get(page)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["Location"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_stand_with_nothing_to_show(desk, page):
    member = make_member(Role.VIEWER)
    answer = log_in(member).get(page)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.content.decode()


def test_a_position_shows_live_cells_a_total_and_its_close(desk, trade):
    publish(desk, "1510")
    trade(Side.SELL, 10, "1500")
    page = log_in(desk.alice).get("/positions/").content.decode()
    assert 'data-live="NSE:RELIANCE" data-field="ltp"' in page
    assert 'data-quantity="-10" data-average="1500.0000"' in page
    assert "−100.00" in page
    assert "This buys 10 at market." in page
    assert "Some prices are old" not in page


def test_the_partial_is_the_table_alone(desk, trade):
    trade(Side.BUY, 10, "1500")
    partial = log_in(desk.alice).get("/positions/", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in partial
    assert 'data-refetch-on="positions"' in partial


def test_a_viewer_sees_no_close_button(desk, trade):
    trade(Side.BUY, 10, "1500")
    viewer = make_member(Role.VIEWER, desk.alice.organisation)
    page = log_in(viewer).get("/positions/").content.decode()
    assert "RELIANCE" in page
    assert "/close/" not in page


def test_a_holding_shows_what_was_bought_today(desk, trade):
    publish(desk, "1510")
    trade(Side.BUY, 10, "1500", product=Product.DELIVERY)
    page = log_in(desk.alice).get("/holdings/").content.decode()
    assert "+₹100.00" in page
    assert "10 arriving T+1" in page


def test_an_outsider_sees_nothing_of_the_desk(desk, trade):
    trade(Side.BUY, 10, "1500", product=Product.DELIVERY)
    charlie = log_in(make_desk().bob)
    for page in PAGES[:2]:
        assert "RELIANCE" not in charlie.get(page).content.decode()
    assert charlie.get(f"/funds/?account={desk.account.id}").status_code == 404
    assert charlie.post("/account/", {"account": desk.account.id}).status_code == 404


def test_an_admin_adds_paper_money_once_for_one_form(desk):
    admin = log_in(desk.bob)
    form = {"account": desk.account.id, "transfer": new_id(), "amount": "500.25"}
    assert admin.post("/funds/", form).status_code == 302
    again = admin.post("/funds/", form)
    assert again.status_code == 422
    assert "posted before" in again.content.decode()
    assert LedgerBalance.objects.get(account=desk.account).available_paise == 1_000_000_00 + 500_25


def test_a_trader_can_not_add_money_or_open_accounts(desk):
    trader = log_in(desk.alice)
    assert "Add paper money" not in trader.get("/funds/").content.decode()
    form = {"account": desk.account.id, "transfer": new_id(), "amount": "1"}
    assert trader.post("/funds/", form).status_code == 403
    assert trader.post("/funds/accounts/", {"name": "X", "owner": desk.alice.user_id}).status_code == 403


def test_an_admin_opens_an_account_for_a_member(desk):
    admin = log_in(desk.bob)
    answer = admin.post("/funds/accounts/", {"name": "Swing", "owner": desk.alice.user_id})
    assert answer.status_code == 302
    assert TradingAccount.objects.get(name="Swing").owner_id == desk.alice.user_id
    assert "Swing" in admin.get("/funds/").content.decode()


def test_the_ledger_lists_what_was_posted(desk, trade):
    trade(Side.BUY, 10, "1500", product=Product.DELIVERY)
    page = log_in(desk.alice).get("/funds/").content.decode()
    assert "Bought 10 RELIANCE at ₹1,500.00" in page
    assert "+15,000.00" in page


def test_the_chosen_account_is_the_one_that_funds_show(desk):
    second = make_account(desk.alice, name="Second", funds=5)
    trader = log_in(desk.alice)
    back = trader.post("/account/", {"account": second.id}, HTTP_REFERER="http://testserver/orders/")
    assert back.headers["Location"] == "http://testserver/orders/"
    elsewhere = trader.post("/account/", {"account": second.id}, HTTP_REFERER="https://evil.example/")
    assert elsewhere.headers["Location"] == "/positions/"
    assert "₹5.00" in trader.get("/funds/").content.decode()
