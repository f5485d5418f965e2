"""States, breakers, kill switches, breaches and sizing by the API: shapes, permissions, outsiders, bad input."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import Membership, User
from core import clock
from core.tenancy import tenant_scope
from riskmgmt.models import RiskLimit
from riskmgmt.selectors.rules import rules_for
from tests.factories import PASSWORD, make_member
from tests.orders.desk import Desk, make_desk
from trading.brokers.domain.terms import Side
from trading.orders.domain.gate import OrderAction
from trading.orders.services import order_submit
from trading.orders.services.order.context import situation_of

pytestmark = pytest.mark.django_db
API = "/api/v1/risk"


@pytest.fixture
def manager(desk: Desk) -> Membership:
    return make_member(Role.RISK_MANAGER, desk.organisation)


def logged_in(member: Membership) -> APIClient:
    """A client whose log-in is minutes old, as releasing a kill switch asks for."""
    client = APIClient()
    answer = client.post("/api/v1/auth/login", {"email": member.user.email, "password": PASSWORD}, format="json")
    assert answer.status_code == 200, answer.content
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    return client


def test_a_press_and_its_release_in_two_steps(desk: Desk, manager: Membership) -> None:
    client = logged_in(manager)
    body = {"account": str(desk.account.id), "reason": "Runaway"}
    pressed = client.post(f"{API}/kill-switch", body, format="json")
    assert (pressed.status_code, pressed.json()["level"]) == (201, "ACCOUNT")
    assert client.post(f"{API}/kill-switch", body, format="json").json()["id"] == pressed.json()["id"]
    assert len(client.get(f"{API}/kill-switch").json()["results"]) == 1
    named = {"id": pressed.json()["id"]}
    wrong = client.delete(f"{API}/kill-switch", {**named, "token": "AAAA"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "release_not_asked")
    asked = client.delete(f"{API}/kill-switch", named, format="json")
    assert asked.status_code == 202
    released = client.delete(f"{API}/kill-switch", {**named, "token": asked.json()["token"]}, format="json")
    assert (released.status_code, released.json()["released_by"]) == (200, manager.user.email)
    assert client.get(f"{API}/kill-switch").json()["results"] == []
    again = client.delete(f"{API}/kill-switch", named, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "kill_switch_released")


def test_a_release_takes_a_recent_log_in(desk: Desk, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    pressed = client.post(f"{API}/kill-switch", {"reason": "x"}, format="json")
    answer = client.delete(f"{API}/kill-switch", {"id": pressed.json()["id"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")


def test_a_state_holds_orders_back_and_is_in_the_history(desk: Desk, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    until = (clock.now() + timedelta(hours=1)).isoformat()
    body = {"account": str(desk.account.id), "state": "REDUCING", "reason": "Results", "expires_at": until}
    answer = client.put(f"{API}/states", body, format="json")
    assert (answer.status_code, answer.json()["in_force"]) == (200, "REDUCING")
    assert order_submit(actor=desk.trader, intent=desk.intent()).status_code == "trading_reducing"
    breaches = client.get(f"{API}/breaches?account={desk.account.id}").json()["results"]
    assert [breach["kind"] for breach in breaches] == ["REFUSAL", "STATE"]
    assert breaches[0]["code"] == "trading_reducing"


def test_breaches_are_paged_by_time_without_loss(desk: Desk, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    for quantity in range(60_001, 60_006):
        order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity))
    everything = client.get(f"{API}/breaches?limit=200").json()["results"]
    found: list[Any] = []
    url: str | None = f"{API}/breaches?limit=2"
    while url:
        page = client.get(url).json()
        found += page["results"]
        url = page["next"]
    assert found == everything
    assert len(everything) >= 10


def test_decisions_are_filtered_by_gate_code_symbol_and_time(desk: Desk, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    order_submit(actor=desk.trader, intent=desk.intent(quantity=60_000))
    url = f"{API}/decisions"
    of_gate = client.get(f"{url}?gate=order_quantity").json()["results"]
    assert {row["code"] for row in of_gate} == {"order_quantity_limit"}
    assert client.get(f"{url}?symbol=NSE:NOTHING").json()["results"] == []
    assert client.get(f"{url}?code=order_quantity_limit&allowed=false").json()["results"] != []
    assert client.get(f"{url}?from=2099-01-01T00:00:00Z").json()["results"] == []


def test_limits_of_a_user_and_a_strategy_are_set_and_hold(desk: Desk, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    of_user = {"user": str(desk.trader.user_id), "max_order_value": "900"}
    assert client.put(f"{API}/limits", of_user, format="json").json()["level"] == "USER"
    assert order_submit(actor=desk.trader, intent=desk.intent()).status_code == "order_value_limit"
    assert client.put(f"{API}/limits", {**of_user, "max_order_value": None}, format="json").status_code == 200
    of_strategy = {"strategy": "momentum", "allowed_products": ["DELIVERY"], "trading_until": "15:00"}
    answer = client.put(f"{API}/limits", of_strategy, format="json").json()
    assert answer["limits"]["allowed_products"]["limit"] == ["DELIVERY"]
    assert answer["limits"]["trading_until"]["limit"] == "15:00"
    assert order_submit(actor=desk.trader, intent=desk.intent(strategy="momentum")).status == "REJECTED"
    assert order_submit(actor=desk.trader, intent=desk.intent()).status == "FILLED"


def test_the_owners_own_rows_are_shown_with_an_account(desk: Desk, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    client.put(f"{API}/limits", {"user": str(desk.trader.user_id), "max_open_orders": 2}, format="json")
    limit = client.get(f"{API}/limits?account={desk.account.id}").json()["limits"]["max_open_orders"]
    assert (limit["limit"], limit["set_by"], limit["own"]) == ("2.00", "user", None)


def test_orders_a_minute_are_counted_and_exits_pass(desk: Desk) -> None:
    RiskLimit.objects.create(organisation=desk.organisation, account=desk.account, max_orders_per_minute=2)
    submitted = [order_submit(actor=desk.trader, intent=desk.intent()).status_code for _ in range(3)]
    assert submitted == ["", "", "orders_per_minute_limit"]
    assert order_submit(actor=desk.trader, intent=desk.intent(Side.SELL)).status == "FILLED"


def test_the_gate_asks_the_database_once_and_twice_where_orders_are_counted(desk: Desk) -> None:
    context = situation_of(
        actor=desk.trader,
        account=desk.account,
        instrument=desk.instrument,
        intent=desk.intent(strategy="momentum"),
        action=OrderAction.SUBMIT,
    ).context
    rules_for(context)
    with CaptureQueriesContext(connection) as plain:
        rules_for(context)
    assert len(plain) == 1
    RiskLimit.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        max_orders_per_minute=5,
        max_orders_per_day=50,
        max_day_drawdown=5000,
        max_equity_drawdown_percent=20,
        max_sector_percent=50,
    )
    RiskLimit.objects.create(organisation=desk.organisation, strategy="momentum", max_orders_per_day=5)
    rules_for(context)
    with CaptureQueriesContext(connection) as counted:
        rules_for(context)
    assert len(counted) == 2


SIZING = {"symbol": "NSE:RELIANCE", "method": "RISK_PER_TRADE", "percent": "1", "price": "100", "stop_price": "95"}


def test_a_size_is_answered_from_the_accounts_equity(desk: Desk) -> None:
    client = APIClient()
    client.force_login(User.objects.get(id=desk.trader.user_id))
    answer = client.post(f"{API}/position-size", {**SIZING, "account": str(desk.account.id)}, format="json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["capital"], answer.json()["quantity"]) == ("1000000.00", 2000)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stop_price": "105"}, "stop_on_wrong_side"),
        ({"stop_price": "100"}, "stop_at_entry"),
        ({"stop_price": None, "side": "BUY"}, "stop_required"),
        ({"percent": "0"}, "invalid_percent"),
        ({"method": "KELLY"}, "win_rate_required"),
        ({"method": "VOLATILITY"}, "not_enough_candles"),
    ],
)
def test_a_senseless_size_has_its_own_code(desk: Desk, changes: dict[str, Any], code: str) -> None:
    client = APIClient()
    client.force_login(User.objects.get(id=desk.trader.user_id))
    body = {name: value for name, value in {**SIZING, **changes}.items() if value is not None}
    answer = client.post(f"{API}/position-size", {**body, "account": str(desk.account.id)}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


WRITES = [
    ("put", "states", {"state": "HALTED", "reason": "x"}),
    ("put", "circuit-breaker", {"max_loss": "100"}),
    ("post", "circuit-breaker/reset", {"reason": "x"}),
    ("post", "kill-switch", {"reason": "x"}),
    ("post", "position-size", SIZING),
    ("put", "limits", {"max_order_value": "1"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_an_outsiders_account_is_not_found(desk: Desk, method: str, path: str, body: dict[str, Any]) -> None:
    outsider = APIClient()
    outsider.force_login(User.objects.get(id=make_desk().owner.user_id))
    named = {**body, "account": str(desk.account.id)}
    assert getattr(outsider, method)(f"{API}/{path}", named, format="json").status_code == 404


@pytest.mark.parametrize(("method", "path", "body"), [write for write in WRITES if write[1] != "position-size"])
def test_a_trader_changes_nothing_of_risk(desk: Desk, method: str, path: str, body: dict[str, Any]) -> None:
    trader = APIClient()
    trader.force_login(User.objects.get(id=desk.trader.user_id))
    named = {**body, "account": str(desk.account.id)}
    assert getattr(trader, method)(f"{API}/{path}", named, format="json").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("put", "limits", {"user": str(uuid4()), "strategy": "x"}, "invalid_scope"),
        ("put", "limits", {"daily_profit_lock": "5"}, "invalid_limits"),
        ("put", "limits", {"trading_from": "15:00", "trading_until": "10:00"}, "invalid_limits"),
        ("put", "limits", {"strategy": "x", "max_equity_drawdown_percent": "5"}, "invalid_limits"),
        ("put", "states", {"state": "HALTED"}, "reason_required"),
        (
            "put",
            "states",
            {"state": "HALTED", "reason": "x", "expires_at": "2020-01-01T00:00:00Z"},
            "invalid_expiry",
        ),
        ("post", "kill-switch", {"reason": ""}, "invalid"),
        ("get", "breaches?limit=0", {}, "invalid"),
        ("get", "states?account=x", {}, "invalid"),
    ],
)
def test_bad_input_has_a_code(
    desk: Desk, manager: Membership, method: str, path: str, body: dict[str, Any], code: str
) -> None:
    client = APIClient()
    client.force_login(manager.user)
    answer = getattr(client, method)(f"{API}/{path}", body, format="json")
    assert answer.status_code == 400, answer.content
    assert code in (answer.json()["code"], "invalid")
    with tenant_scope(desk.organisation.id):
        assert not RiskLimit.objects.exists()


def test_the_pages_of_the_desk_open_and_act(desk: Desk, manager: Membership) -> None:
    client = logged_in_page(manager)
    for page in ("", "decisions/", "breaches/", "sizing/", "kill-switch/", "limits/", "limits/?strategy=momentum"):
        assert client.get(f"/risk/{page}").status_code == 200, page
    account = str(desk.account.id)
    client.post("/risk/state/", {"account": account, "state": "HALTED", "reason": "Results", "minutes": "5"})
    assert "Results" in client.get(f"/risk/?account={account}").content.decode()
    missing = client.post("/risk/kill-switch/", {"account": account, "reason": "Runaway"})
    assert missing.status_code == 422
    client.post("/risk/kill-switch/", {"account": account, "reason": "Runaway", "sure": "on"})
    shown = client.get(f"/risk/?account={account}").content.decode()
    assert "The kill switch is pressed for account" in shown
    question = f"account={account}&symbol=NSE:RELIANCE&method=RISK_PER_TRADE&percent=1&stop_price=95"
    asked = client.get(f"/risk/sizing/?{question}")
    assert "Buy 2,000 NSE:RELIANCE" in asked.content.decode()


def logged_in_page(member: Membership) -> APIClient:
    client = APIClient()
    client.force_login(member.user)
    return client
