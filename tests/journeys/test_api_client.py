"""A trading program's day, over real HTTP and a real socket: what each says of an order is the same."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import requests
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from accounts.models import Membership
from core.tenancy import system_scope, tenant_scope
from tests.factories import PASSWORD, actor_for, make_account, make_instrument, make_member
from tests.orders.desk import show_book
from tests.realtime.conftest import Server
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import ledger_verify

SECONDS = 10


@dataclass
class Program:
    """A client that knows nothing but the API's address and a password."""

    address: str
    token: str = ""

    def log_in(self, email: str) -> dict[str, Any]:
        answer = self.post("auth/login", {"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return dict(answer.json())

    def call(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"http://{self.address}/api/v1/{path}"
        return requests.request(method, url, json=body, headers=headers, timeout=SECONDS)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object = None, **headers: str) -> requests.Response:
        return self.call("POST", path, body, **headers)


@pytest.fixture
def trader(transactional_db: None, settings: Settings) -> Membership:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    make_instrument("NSE:RELIANCE")
    return make_member(Role.TRADER)


@pytest.fixture
def account(trader: Membership) -> TradingAccount:
    return make_account(trader)


def _order(account: TradingAccount, side: str, quantity: int, price: str | None = None) -> dict[str, Any]:
    return {
        "account": str(account.pk),
        "symbol": "NSE:RELIANCE",
        "side": side,
        "quantity": quantity,
        "order_type": "LIMIT" if price else "MARKET",
        "product": "INTRADAY",
        "validity": "DAY",
        **({"price": price} if price else {}),
    }


def test_a_program_trades_a_day_and_every_answer_agrees(
    server: Server, trader: Membership, account: TradingAccount
) -> None:
    program = Program(server.address)
    program.log_in(trader.user.email)
    orders = server.open(f"/ws/orders/{account.pk}", actor=actor_for(trader))
    assert orders.receive("snapshot")["data"] == []
    show_book(bids=[("1499.90", 100)], asks=[("1500.00", 6), ("1500.10", 100)], ltp="1500.00")

    preview = program.post("orders/preview", _order(account, "BUY", 10)).json()
    assert preview["risk"]["allowed"], preview
    assert preview["impact"]["expected_price"] == "1500.04"

    bought = program.post("orders", _order(account, "BUY", 10), **{"Idempotency-Key": "day-1"})
    assert bought.status_code == 201, bought.text
    order = bought.json()
    assert (order["status"], order["filled_quantity"], order["client_order_id"]) == ("FILLED", 10, "day-1")
    assert Decimal(order["average_price"]) == Decimal("1500.04")
    again = program.post("orders", _order(account, "BUY", 10), **{"Idempotency-Key": "day-1"})
    assert again.json()["id"] == order["id"]
    other = program.post("orders", _order(account, "BUY", 11), **{"Idempotency-Key": "day-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")

    told = orders.receive("order_update")
    assert {name: told["data"][name] for name in ("id", "status", "charges")} == {
        name: order[name] for name in ("id", "status", "charges")
    }
    trades = program.get(f"trades?account={account.pk}")["results"]
    assert sorted((trade["quantity"], trade["price"]) for trade in trades) == [(4, "1500.10"), (6, "1500.00")]
    assert sum(Decimal(trade["charges"]["total"]) for trade in trades) == Decimal(order["charges"])

    resting = program.post("orders", _order(account, "SELL", 5, "1510.00")).json()
    assert resting["status"] == "OPEN"
    changed = program.call("PUT", f"orders/{resting['id']}", {"price": "1512.00", "quantity": 4})
    assert (changed.status_code, changed.json()["price"], changed.json()["quantity"]) == (200, "1512.00", 4)
    cancelled = program.call("DELETE", f"orders/{resting['id']}")
    assert cancelled.json()["status"] == "CANCELLED"
    events = program.get(f"orders/{resting['id']}/events")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["status"] == "CANCELLED"
    heard = [orders.receive("order_update") for _ in range(3)]
    assert [frame["data"]["status"] for frame in heard] == ["OPEN", "OPEN", "CANCELLED"]
    assert [frame["seq"] for frame in heard] == [told["seq"] + 1, told["seq"] + 2, told["seq"] + 3]

    show_book(bids=[("1504.00", 100)], asks=[("1504.10", 100)], ltp="1504.00")
    position = program.get(f"positions?account={account.pk}")["results"][0]
    assert (position["quantity"], Decimal(position["unrealised_pnl"])) == (10, Decimal("39.60"))
    closed = program.post(f"positions/{position['id']}/close")
    assert (closed.status_code, closed.json()["status"]) == (201, "FILLED")
    flat = program.get(f"positions?account={account.pk}")["results"][0]
    assert (flat["quantity"], Decimal(flat["realised_pnl"])) == (0, Decimal("39.60"))
    funds = program.get(f"accounts/{account.pk}/funds")
    assert (funds["blocked"], funds["used_margin"]) == ("0.00", "0.00")
    charges = Decimal(order["charges"]) + Decimal(closed.json()["charges"])
    assert Decimal(funds["available"]) == Decimal(1_000_000) + Decimal("39.60") - charges

    with system_scope():
        assert list(ledger_verify()) == []
        assert list(orders_verify()) == []


def test_a_stranger_learns_nothing_of_an_account(
    server: Server, trader: Membership, account: TradingAccount
) -> None:
    show_book(bids=[("1499.90", 100)], asks=[("1500.00", 100)], ltp="1500.00")
    program = Program(server.address)
    program.log_in(trader.user.email)
    order = program.post("orders", _order(account, "BUY", 1)).json()
    position = program.get("positions")["results"][0]

    stranger = make_member(Role.OWNER)
    outsider = Program(server.address)
    outsider.log_in(stranger.user.email)
    for method, path in [
        ("GET", f"accounts/{account.pk}"),
        ("GET", f"accounts/{account.pk}/funds"),
        ("GET", f"orders/{order['id']}"),
        ("GET", f"orders/{order['id']}/events"),
        ("PUT", f"orders/{order['id']}"),
        ("DELETE", f"orders/{order['id']}"),
        ("POST", f"positions/{position['id']}/close"),
    ]:
        answer = outsider.call(method, path, {} if method == "PUT" else None)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"
    assert outsider.post("orders", _order(account, "BUY", 1)).status_code == 404
    for path in ("orders", "trades", "positions", "holdings", "accounts"):
        assert outsider.get(path)["results"] == []
    assert server.open(f"/ws/orders/{account.pk}", actor=actor_for(stranger)).close_code() == 4403


def test_after_log_out_the_token_opens_nothing(server: Server, trader: Membership) -> None:
    program = Program(server.address)
    program.log_in(trader.user.email)
    assert program.get("auth/me")["user"]["email"] == trader.user.email
    assert program.post("auth/logout").status_code in {200, 204}
    assert program.call("GET", "auth/me").status_code == 401


def test_a_viewer_reads_what_the_trader_did_and_may_not_trade(
    server: Server, trader: Membership, account: TradingAccount
) -> None:
    viewer = make_member(Role.VIEWER, trader.organisation)
    program = Program(server.address)
    program.log_in(viewer.user.email)
    refused = program.post("orders", _order(account, "BUY", 1))
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert [found["id"] for found in program.get("accounts")["results"]] == [str(account.pk)]
    with tenant_scope(trader.organisation_id):
        assert account.balance.available_paise == 10_00_000_00
