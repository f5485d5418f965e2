"""Values that no honest client sends get an answer of ours, never a stack trace."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from tests.access.routes import ROUTES, Route
from tests.access.world import Desk, client_of, make_desks

# Committed, as in life: inside a test's transaction one refused statement would spoil all that follow.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(settings: Settings) -> Desk:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.READINESS_CHECKS = {}
    return make_desks()[0]


@pytest.fixture
def owner(desk: Desk) -> Client:
    return client_of(desk.members[Role.OWNER].user)


def _path(route: Route, desk: Desk) -> str:
    address = route.pattern
    for part, kind in route.objects:
        with transaction.atomic():
            object_id = desk.object_id(kind, Role.OWNER)
        for converter in ("uuid", "str", "int"):
            address = address.replace(f"<{converter}:{part}>", object_id)
    return f"/{address}{route.query}"


def _cursor(position: str) -> str:
    return quote(b64encode(f"p={quote(position)}".encode()).decode())


def test_a_forged_cursor_is_not_found_on_every_list(desk: Desk, owner: Client) -> None:
    broken = {}
    for route in ROUTES:
        if route.method == "GET" and route.is_api:
            for position in ("abc", "\x00", "9" * 30, "2026-13-45", ""):
                answer = owner.get(f"{_path(route, desk)}?cursor={_cursor(position)}")
                if answer.status_code >= 500:
                    broken[route.pattern, position] = answer.status_code
    assert broken == {}


def test_strange_queries_break_no_list(desk: Desk, owner: Client) -> None:
    strange = (
        "cursor=%ff",
        "limit=-1",
        "limit=99999999999999999999",
        "account=%00",
        "symbol=%00&search=%00&action=%00&actor=%00&q=%00",
        "from=9999-12-31T23:59:59-12:00&to=0001-01-01T00:00:00%2B14:00",
        "expiry=9999-99-99&page=99999999999999999999&before=1e400",
        "search=%25%5C_" + "a" * 3000,
    )
    broken = {}
    for route in ROUTES:
        if route.method == "GET":
            for query in strange:
                separator = "&" if route.query else "?"
                answer = owner.get(f"{_path(route, desk)}{separator}{query}")
                if answer.status_code >= 500:
                    broken[route.pattern, query] = answer.status_code
    assert broken == {}


BODIES = ("", "[]", "null", '"x"', "{", "\x00", "[" * 100_000, '{"a":NaN}', '{"quantity":' + "9" * 5000 + "}")


def test_bodies_of_another_shape_are_told_so(desk: Desk, owner: Client) -> None:
    broken = {}
    for route in ROUTES:
        if route.method != "GET" and route.is_api and not route.pattern.endswith("auth/logout"):
            for body in BODIES:
                answer = owner.generic(route.method, _path(route, desk), body, content_type="application/json")
                if answer.status_code >= 500:
                    broken[route.method, route.pattern, body[:20]] = answer.status_code
    assert broken == {}


VALUES: tuple[Any, ...] = (
    "\ud800",
    "\x00",
    [],
    {},
    [["\ud800"]],
    True,
    1e308,
    -1,
    10**30,
    "NaN",
    "1e5",
    "٣",
    "9999-12-31T23:59:59-14:00",
)
ORDER = {"symbol": "NSE:RELIANCE", "side": "BUY", "quantity": 1, "order_type": "LIMIT", "product": "INTRADAY"}


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("/api/v1/orders", {**ORDER, "price": "100.00", "client_order_id": "a", "tag": "t", "strategy": "s"}),
        ("/api/v1/orders/preview", {**ORDER, "price": "100.00"}),
        ("/api/v1/api-keys", {"name": "n", "scopes": ["VIEW_MARKET"], "expires_at": None, "allowed_networks": []}),
        ("/api/v1/organisations/{organisation}/invitations", {"email": "a@b.test", "role": "VIEWER"}),
        ("/api/v1/watchlists", {"name": "n"}),
        ("/api/v1/accounts", {"name": "n", "owner": None}),
        ("/api/v1/accounts/{account}/deposits", {"amount": "1.00", "note": "n"}),
        ("/api/v1/auth/login", {"email": "a@b.test", "password": "x", "otp": "1"}),
    ],
)
def test_a_strange_value_in_any_field_is_told_so(
    desk: Desk, owner: Client, path: str, good: dict[str, object]
) -> None:
    address = path.format(organisation=desk.organisation.id, account=desk.account.id)
    good = {"account": str(desk.account.id), **good} if "orders" in path else good
    broken = {}
    for name in good:
        for value in VALUES:
            body = json.dumps({**good, name: value})
            answer = owner.post(address, body, content_type="application/json")
            if answer.status_code >= 500:
                broken[name, repr(value)] = answer.status_code
    assert broken == {}


def test_an_account_that_is_no_id_is_not_found_on_the_pages(desk: Desk, owner: Client) -> None:
    for address in ("/orders/cancel-all/", "/account/"):
        for value in ("\x00", "NaN", "-1", "9" * 40, str(desk.organisation.id)):
            assert owner.post(address, {"account": value}).status_code in (400, 404), (address, value)


@pytest.mark.parametrize("name", ["Idempotency-Key", "X-Organisation", "X-Request-ID", "HX-Current-URL", "Referer"])
@pytest.mark.parametrize("value", ["\x00", "a" * 300, "é", "a\tb"])
def test_strange_headers_are_told_so(desk: Desk, owner: Client, name: str, value: str) -> None:
    body = json.dumps({**ORDER, "account": str(desk.account.id), "price": "100.00"})
    position = desk.object_id("position", Role.TRADER)
    for answer in (
        owner.post("/api/v1/orders", body, content_type="application/json", headers={name: value}),
        owner.post(f"/api/v1/positions/{position}/close", headers={name: value}),
        owner.get("/orders/", headers={name: value}),
        Client().get("/orders/", headers={name: value, "HX-Request": "true"}),
    ):
        assert answer.status_code < 500
        assert "\n" not in answer.headers["X-Request-ID"]


def test_a_method_that_an_address_does_not_have_is_told_with_those_that_it_has(desk: Desk, owner: Client) -> None:
    ours: dict[str, set[str]] = {}
    for route in ROUTES:
        if route.is_api:
            ours.setdefault(route.pattern, set()).add(route.method)
    wrong = {}
    for route in ROUTES:
        missing = {"PATCH", "DELETE"} - ours.get(route.pattern, {"PATCH", "DELETE"})
        if route.method == "GET" and missing:
            answer = owner.generic(min(missing), _path(route, desk), b"{}", content_type="application/json")
            told = answer.json()
            if answer.status_code != 405 or "GET" not in answer.headers.get("Allow", "") or "{" in told["title"]:
                wrong[route.pattern] = answer.status_code, answer.headers.get("Allow")
    assert not wrong
