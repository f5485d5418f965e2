"""Inside one organisation: what is a trader's own is nobody's who may not see all accounts."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core.tenancy import tenant_scope
from tests.access.routes import ROUTES
from tests.access.test_matrix import _send
from tests.access.world import Desk, client_of, make_desks
from tests.factories import make_member
from trading.orders.models import Order

pytestmark = pytest.mark.django_db

ACCOUNTS_OWN = {"account", "order", "position"}
PERSONS_OWN = {"notification", "watchlist", "api_key"}


@pytest.fixture
def desk(settings: Settings) -> Desk:
    """Its one account is the trader's."""
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    return make_desks()[0]


@pytest.fixture
def colleague(desk: Desk) -> Client:
    """Another trader of the same desk."""
    return client_of(make_member(Role.TRADER, desk.organisation).user)


def test_a_colleagues_object_is_not_found(desk: Desk, colleague: Client) -> None:
    found = {}
    for route in ROUTES:
        kinds = {kind for _, kind in route.objects}
        if kinds & (ACCOUNTS_OWN | PERSONS_OWN) and route.admits(Role.TRADER):
            status = _send(colleague, route, desk, Role.TRADER).status_code
            if status != 404:
                found[f"{route.method} /{route.pattern}"] = status
    assert found == {}


def test_what_is_a_persons_own_is_not_found_even_by_the_owner(desk: Desk) -> None:
    owner = client_of(desk.members[Role.OWNER].user)
    for route in ROUTES:
        # Whoever manages members also sees and revokes their keys.
        if {kind for _, kind in route.objects} & (PERSONS_OWN - {"api_key"}):
            assert _send(owner, route, desk, Role.TRADER).status_code == 404, route


LISTS = ("accounts", "orders", "trades", "positions", "holdings", "risk/decisions", "notifications", "watchlists")


def test_no_list_shows_a_colleague_or_a_stranger_anything(desk: Desk, colleague: Client) -> None:
    outsider = client_of(make_member(Role.OWNER).user)
    for kind in (*ACCOUNTS_OWN, *PERSONS_OWN):
        desk.object_id(kind, Role.TRADER)
    trader = client_of(desk.members[Role.TRADER].user)
    for path in LISTS:
        own = trader.get(f"/api/v1/{path}").json()["results"]
        assert own or path in ("trades", "holdings", "risk/decisions"), path
        for browser in (colleague, outsider):
            for query in ("", f"?account={desk.account.id}"):
                answer = browser.get(f"/api/v1/{path}{query}")
                assert answer.status_code == 404 or answer.json()["results"] == [], (path, query)
    for browser in (colleague, outsider):
        answer = browser.get(f"/api/v1/portfolio?account={desk.account.id}")
        assert answer.status_code == 404 or answer.json()["accounts"] == 0


def make_desks_other(desk: Desk) -> Any:
    """An owner of another organisation."""
    return make_member(Role.OWNER).user


def _order(desk: Desk) -> dict[str, Any]:
    return {
        "account": str(desk.account.id),
        "symbol": "NSE:RELIANCE",
        "side": "BUY",
        "quantity": 1,
        "order_type": "LIMIT",
        "product": "INTRADAY",
        "price": "100.00",
    }


# Method, path and body of every request that names the account anywhere but in its address.
NAMED_ELSEWHERE: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/v1/orders", _order),
    ("POST", "/api/v1/orders/preview", _order),
    ("POST", "/api/v1/risk/validate-order", _order),
    ("POST", "/api/v1/orders/cancel-all", lambda desk: {"account": str(desk.account.id)}),
    ("GET", "/api/v1/risk/limits?account={account}", lambda desk: {}),
    ("POST", "/account/", lambda desk: {"account": str(desk.account.id)}),
)


@pytest.mark.parametrize(("method", "path", "body"), NAMED_ELSEWHERE, ids=[row[1] for row in NAMED_ELSEWHERE])
def test_an_account_named_in_a_body_or_a_query_is_not_found(
    desk: Desk, colleague: Client, method: str, path: str, body: Any
) -> None:
    strangers_trader = client_of(make_member(Role.TRADER).user)
    strangers_owner = client_of(make_member(Role.OWNER).user)
    address = path.format(account=desk.account.id)
    for browser in (colleague, strangers_trader, strangers_owner):
        if path.startswith("/api/"):
            answer = browser.generic(method, address, json.dumps(body(desk)), content_type="application/json")
        else:
            answer = browser.post(address, body(desk))
        assert answer.status_code == 404, answer.content


def test_limits_of_an_account_elsewhere_cannot_be_set(desk: Desk) -> None:
    body = {"account": str(desk.account.id), "max_open_orders": 1}
    for member in (make_member(Role.OWNER), make_member(Role.RISK_MANAGER)):
        answer = client_of(member.user).put("/api/v1/risk/limits", body, content_type="application/json")
        assert answer.status_code == 404


def test_an_account_cannot_be_opened_for_somebody_outside(desk: Desk) -> None:
    owner = client_of(desk.members[Role.OWNER].user)
    stranger = make_member(Role.TRADER).user
    body = {"name": "Theirs", "owner": str(stranger.pk)}
    answer = owner.post("/api/v1/accounts", body, content_type="application/json")
    assert answer.status_code in (400, 404), answer.content


def test_the_pages_ticket_trades_in_ones_own_account_whatever_the_form_names(desk: Desk, colleague: Client) -> None:
    colleague.post("/orders/submit/", _order(desk))
    with tenant_scope(desk.organisation.id):
        assert not Order.objects.filter(account=desk.account).exists()
