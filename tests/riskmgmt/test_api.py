import pytest
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import Membership
from core.tenancy import tenant_scope
from riskmgmt.models import RiskDecision
from tests.factories import make_account, make_instrument, make_member, make_organisation

pytestmark = pytest.mark.django_db


def client_of(member: Membership) -> APIClient:
    client = APIClient()
    client.force_login(member.user)
    return client


def test_a_risk_manager_tightens_a_limit_and_the_answer_shows_it_in_force() -> None:
    manager = make_member(Role.RISK_MANAGER)
    account = make_account(make_member(Role.TRADER, manager.organisation))
    body = {"account": str(account.pk), "max_daily_loss": "25000", "max_open_orders": 20}
    answer = client_of(manager).put("/api/v1/risk/limits", body, format="json")
    assert answer.status_code == 200, answer.content
    limits = answer.json()["limits"]
    expected = {"limit": "25000.00", "set_by": "account", "own": "25000.00", "used": "0.00"}
    assert expected.items() <= limits["max_daily_loss"].items()
    assert limits["max_daily_loss"]["levels"] == {"account": "25000.00"}
    assert limits["max_order_value"]["set_by"] == "house"


@pytest.mark.parametrize("value", ["-1", "NaN", "1e30", "lots"])
def test_a_limit_that_makes_no_sense_is_a_problem_with_its_field(value: str) -> None:
    manager = make_member(Role.RISK_MANAGER)
    answer = client_of(manager).put("/api/v1/risk/limits", {"max_daily_loss": value}, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == ["max_daily_loss"]


def test_a_trader_reads_limits_but_does_not_change_them() -> None:
    trader = make_member(Role.TRADER)
    client = client_of(trader)
    assert client.get("/api/v1/risk/limits").status_code == 200
    assert client.put("/api/v1/risk/limits", {"max_daily_loss": "1"}, format="json").status_code == 403


def test_an_outsiders_account_is_not_found() -> None:
    account = make_account(make_member(Role.TRADER, make_organisation()))
    client = client_of(make_member(Role.OWNER))
    assert client.get(f"/api/v1/risk/limits?account={account.pk}").status_code == 404
    answer = client.put("/api/v1/risk/limits", {"account": str(account.pk), "max_daily_loss": "1"}, format="json")
    assert answer.status_code == 404


def test_a_refused_order_leaves_every_gates_decision_and_a_dry_run_none() -> None:
    trader = make_member(Role.TRADER)
    account = make_account(trader)
    make_instrument("NSE:RELIANCE")
    client = client_of(trader)
    order = {
        "account": str(account.pk),
        "symbol": "NSE:RELIANCE",
        "side": "BUY",
        "quantity": 10,
        "order_type": "MARKET",
        "product": "INTRADAY",
    }
    verdict = client.post("/api/v1/risk/validate-order", order, format="json")
    assert verdict.status_code == 200, verdict.content
    assert not verdict.json()["allowed"]
    assert "no_price" in {decision["code"] for decision in verdict.json()["decisions"]}
    with tenant_scope(trader.organisation_id):
        assert RiskDecision.objects.count() == 0

    placed = client.post("/api/v1/orders", order, format="json")
    assert (placed.status_code, placed.json()["status"]) == (201, "REJECTED")
    refused = client.get(f"/api/v1/risk/decisions?account={account.pk}&allowed=false").json()["results"]
    assert "no_price" in {decision["code"] for decision in refused}
    assert {decision["order"] for decision in refused} == {placed.json()["id"]}


def test_a_trader_sees_no_decisions_of_a_colleague() -> None:
    trader = make_member(Role.TRADER)
    colleague = make_member(Role.TRADER, trader.organisation)
    account = make_account(colleague)
    make_instrument("NSE:RELIANCE")
    order = {
        "account": str(account.pk),
        "symbol": "NSE:RELIANCE",
        "side": "BUY",
        "quantity": 1,
        "order_type": "MARKET",
        "product": "INTRADAY",
    }
    assert client_of(colleague).post("/api/v1/orders", order, format="json").status_code == 201
    assert client_of(trader).get("/api/v1/risk/decisions").json()["results"] == []
    assert client_of(colleague).get("/api/v1/risk/decisions").json()["results"] != []


@pytest.mark.parametrize("query", ["account=x", "order=1", "allowed=perhaps"])
def test_a_filter_that_cannot_be_read_is_refused(query: str) -> None:
    assert client_of(make_member(Role.OWNER)).get(f"/api/v1/risk/decisions?{query}").status_code == 400


def test_pages_open_for_those_who_may_and_forms_only_for_those_who_change() -> None:
    manager, viewer = make_member(Role.RISK_MANAGER), make_member(Role.VIEWER)
    account = make_account(make_member(Role.TRADER, manager.organisation))
    client = client_of(manager)
    assert client.get("/risk/").status_code == 200
    assert client.get("/risk/", headers={"HX-Request": "true"}).status_code == 200
    form = f"/risk/limits/?account={account.pk}"
    assert client.get(form).status_code == 200
    assert client.post(form, {"max_daily_loss": "-5"}).status_code == 422
    assert client.post(form, {"max_daily_loss": "500"}).status_code == 302
    assert "₹500" in client.get(f"/risk/?account={account.pk}").content.decode()
    assert client_of(viewer).get("/risk/").status_code == 200
    assert client_of(viewer).get("/risk/limits/").status_code == 403
