"""The REST door to accounts, funds, positions and holdings."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.permissions import Role
from core.ids import new_id
from tests.factories import make_account, make_member
from tests.portfolio.conftest import log_in, make_desk, publish
from trading.brokers.domain.terms import Product, Side


def test_a_trader_lists_own_accounts_only(desk):
    other = make_account(make_member(Role.TRADER, desk.alice.organisation)).id
    found = log_in(desk.alice).get("/api/v1/accounts").json()["results"]
    assert [account["id"] for account in found] == [str(desk.account.id)]
    all_accounts = log_in(desk.bob).get("/api/v1/accounts").json()["results"]
    assert {account["id"] for account in all_accounts} == {str(desk.account.id), str(other)}


def test_an_admin_opens_an_account_and_funds_it(desk):
    admin = log_in(desk.bob)
    body = {"name": "Swing", "owner": str(desk.alice.user_id)}
    opened = admin.post("/api/v1/accounts", body, content_type="application/json")
    assert opened.status_code == 201
    assert opened.json()["mode"] == "PAPER"
    deposits = f"/api/v1/accounts/{opened.json()['id']}/deposits"
    key = {"Idempotency-Key": "first"}
    funded = admin.post(deposits, {"amount": "2500.50"}, content_type="application/json", headers=key)
    assert (funded.status_code, funded.json()["available"]) == (201, "2500.50")
    again = admin.post(deposits, {"amount": "2500.50"}, content_type="application/json", headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_transfer")
    statement = admin.get(f"/api/v1/accounts/{opened.json()['id']}/ledger").json()["results"]
    assert [row["entries"] for row in statement] == [{"AVAILABLE": "2500.50", "CAPITAL": "-2500.50"}]


@pytest.mark.parametrize("amount", ["-1", "0", "NaN", "1e30", "1.001", None, "x"])
def test_a_bad_amount_is_refused_with_a_code(desk, amount):
    answer = log_in(desk.bob).post(
        f"/api/v1/accounts/{desk.account.id}/deposits", {"amount": amount}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert "amount" in answer.json()["errors"]


def test_a_trader_may_not_open_or_fund_accounts(desk):
    trader = log_in(desk.alice)
    assert trader.post("/api/v1/accounts", {"name": "X"}, content_type="application/json").status_code == 403
    deposits = f"/api/v1/accounts/{desk.account.id}/deposits"
    assert trader.post(deposits, {"amount": "1"}, content_type="application/json").status_code == 403


def test_an_outsider_gets_404_and_sees_no_position(desk, trade):
    trade(Side.BUY, 10, "1500")
    charlie = log_in(make_desk().bob)
    for path in ("", "/funds", "/ledger"):
        assert charlie.get(f"/api/v1/accounts/{desk.account.id}{path}").status_code == 404
    deposits = f"/api/v1/accounts/{desk.account.id}/deposits"
    assert charlie.post(deposits, {"amount": "1"}, content_type="application/json").status_code == 404
    assert charlie.get("/api/v1/positions").json()["results"] == []
    assert charlie.get(f"/api/v1/portfolio?account={desk.account.id}").status_code == 404


def test_a_position_is_valued_at_the_latest_quote(desk, trade):
    publish(desk, "1510")
    trade(Side.BUY, 10, "1500")
    trade(Side.SELL, 4, "1505")
    [position] = log_in(desk.alice).get("/api/v1/positions").json()["results"]
    assert position["symbol"] == "NSE:RELIANCE"
    assert (position["quantity"], position["average_price"], position["ltp"]) == (6, "1500.0000", "1510")
    assert (position["realised_pnl"], position["unrealised_pnl"]) == ("20.00", "60.00")
    assert position["day_pnl"] == "80.00"
    assert position["stale"] is False


def test_a_position_without_a_quote_is_stale_and_its_profit_unknown(desk, trade):
    trade(Side.BUY, 10, "1500", instrument=desk.share)
    desk_quote = log_in(desk.alice).get("/api/v1/positions").json()["results"][0]
    assert (desk_quote["ltp"], desk_quote["unrealised_pnl"], desk_quote["stale"]) == (None, None, True)


def test_shares_bought_today_are_t1_and_funds_add_up(desk, trade):
    publish(desk, "1510")
    trade(Side.BUY, 10, "1500", product=Product.DELIVERY)
    trader = log_in(desk.alice)
    [holding] = trader.get("/api/v1/holdings").json()["results"]
    assert (holding["quantity"], holding["t1_quantity"], holding["pnl"]) == (0, 10, "100.00")
    funds = trader.get(f"/api/v1/accounts/{desk.account.id}/funds").json()
    assert funds["invested"] == "15000.00"
    assert Decimal(funds["available"]) == Decimal(1_000_000) - 15_000 - Decimal(funds["charges"])
    summary = trader.get("/api/v1/portfolio").json()
    assert summary["equity"] == funds["equity"]
    assert Decimal(summary["day_pnl"]) == 100 - Decimal(funds["charges"])


def test_lists_do_not_ask_the_database_more_for_more_rows(desk, trade):
    trader = log_in(desk.alice)
    trade(Side.BUY, 1, "1500")
    trader.get("/api/v1/positions")
    with CaptureQueriesContext(connection) as few:
        trader.get("/api/v1/positions")
    for number in range(5):
        trade(Side.BUY, 1, "1500", strategy=f"s{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(trader.get("/api/v1/positions").json()["results"]) == 6
    assert len(many) == len(few)


@pytest.mark.parametrize("path", ["positions?account=x", "portfolio?account=x", "holdings?account=1"])
def test_a_malformed_account_is_an_input_error(desk, path):
    answer = log_in(desk.alice).get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_an_unknown_account_is_not_found(desk):
    answer = log_in(desk.bob).get(f"/api/v1/accounts/{new_id()}/funds")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")
