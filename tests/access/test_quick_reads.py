"""Reads that programs ask over and over are answered from memory as far as can be, never a moment too long."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.domain.permissions import Permission, Role
from accounts.models import User
from accounts.services import api_key_create, api_key_revoke, membership_change, membership_remove, user_disable
from core.tenancy import tenant_scope
from tests.access.world import Desk, client_of, make_desks
from tests.factories import actor_for

pytestmark = pytest.mark.django_db

PASSWORD = "a quick red fox"
HEADERS = {
    "Allow",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Cross-Origin-Opener-Policy",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Referrer-Policy",
    "Vary",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-Request-ID",
}


@pytest.fixture
def desks() -> tuple[Desk, Desk]:
    ours, theirs = make_desks()
    for desk in (ours, theirs):
        for _ in range(3):
            desk.kept.pop(("order", Role.TRADER), None)
            desk.object_id("order", Role.TRADER)
        desk.object_id("position", Role.TRADER)
    return ours, theirs


def _paths(desk: Desk) -> list[str]:
    return [
        f"/api/v1/quotes?symbols={desk.instrument.key}",
        "/api/v1/orders",
        "/api/v1/positions",
        f"/api/v1/accounts/{desk.account.id}/funds",
    ]


def _token(user: User) -> Client:
    user.set_password(PASSWORD)
    user.save()
    answer = Client().post(
        "/api/v1/auth/login", {"email": user.email, "password": PASSWORD}, content_type="application/json"
    )
    return Client(headers={"Authorization": f"Bearer {answer.json()['access_token']}"})


def _codes(client: Client, desk: Desk) -> set[int]:
    return {client.get(path).status_code for path in _paths(desk)}


def _disabled(desk: Desk, client: Client) -> None:
    user_disable(user=desk.members[Role.TRADER].user)


def _logged_out(desk: Desk, client: Client) -> None:
    assert client.post("/api/v1/auth/logout").status_code == 204


def _removed(desk: Desk, client: Client) -> None:
    with tenant_scope(desk.organisation.id):
        membership_remove(actor=actor_for(desk.members[Role.OWNER]), membership_id=desk.members[Role.TRADER].id)


@pytest.mark.parametrize(("loss", "code"), [(_disabled, 401), (_logged_out, 401), (_removed, 403)])
def test_what_is_taken_away_is_gone_at_the_next_request(
    desks: tuple[Desk, Desk],
    loss: Callable[[Desk, Client], None],
    code: int,
    django_capture_on_commit_callbacks: Any,
) -> None:
    ours, _ = desks
    client = _token(ours.members[Role.TRADER].user)
    assert _codes(client, ours) == {200}
    assert _codes(client, ours) == {200}, "and from memory"
    with django_capture_on_commit_callbacks(execute=True):
        loss(ours, client)
    assert _codes(client, ours) == {code}


def test_another_role_counts_at_the_next_request(
    desks: tuple[Desk, Desk], django_capture_on_commit_callbacks: Any
) -> None:
    ours, _ = desks
    trader = ours.members[Role.TRADER]
    client = _token(ours.members[Role.RISK_MANAGER].user)
    seen = client.get("/api/v1/orders").json()["results"]
    assert {row["account"] for row in seen} == {str(ours.account.id)}
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(ours.organisation.id):
        membership_change(
            actor=actor_for(ours.members[Role.OWNER]),
            membership_id=ours.members[Role.RISK_MANAGER].id,
            role=Role.TRADER,
        )
    assert client.get("/api/v1/orders").json()["results"] == [], "a trader sees their own accounts"
    assert client.get(f"/api/v1/accounts/{ours.account.id}/funds").status_code == 404
    assert _codes(_token(trader.user), ours) == {200}


def test_a_revoked_key_is_refused_at_the_next_request(
    desks: tuple[Desk, Desk], django_capture_on_commit_callbacks: Any
) -> None:
    ours, _ = desks
    actor = actor_for(ours.members[Role.TRADER])
    with tenant_scope(ours.organisation.id):
        key, secret = api_key_create(
            actor=actor, name="bot", scopes={Permission.VIEW_MARKET, Permission.VIEW_ACCOUNTS}
        )
    client = Client(headers={"Authorization": f"Api-Key {secret}"})
    assert _codes(client, ours) == _codes(client, ours) == {200}
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(ours.organisation.id):
        api_key_revoke(actor=actor, api_key_id=key.id)
    assert _codes(client, ours) == {401}


def test_a_token_that_was_read_before_ends_when_it_says(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    client = _token(ours.members[Role.TRADER].user)
    assert _codes(client, ours) == {200}
    with time_machine.travel(time.time() + timedelta(minutes=15, seconds=1).total_seconds()):
        assert _codes(client, ours) == {401}


def test_a_session_reads_and_writes_only_with_the_csrf_token(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    browser = client_of(ours.members[Role.TRADER].user)
    browser.handler.enforce_csrf_checks = True
    assert _codes(browser, ours) == {200}
    assert browser.post("/api/v1/orders", {}, content_type="application/json").status_code == 403
    # A header of neither kind does not hide the session, nor the need of the token.
    odd = {"Authorization": "Basic eDp5"}
    assert browser.get("/api/v1/orders", headers=odd).status_code == 200
    assert browser.post("/api/v1/orders", {}, content_type="application/json", headers=odd).status_code == 403


def test_the_headers_are_those_that_are_documented(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    client = _token(ours.members[Role.TRADER].user)
    for path in _paths(ours):
        answer = client.get(path)
        assert set(answer.headers) == HEADERS
        assert answer["Content-Type"] == "application/json"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("role", [Role.OWNER, Role.TRADER, Role.VIEWER])
@pytest.mark.parametrize("what", ["orders", "positions"])
def test_a_list_from_its_start_is_the_list_that_any_filter_gives(
    desks: tuple[Desk, Desk], role: Role, what: str
) -> None:
    """The first is read by a prepared query, the second by a queryset: as each role sees them."""
    ours, _ = desks
    client = _token(ours.members[role].user)
    first = client.get(f"/api/v1/{what}").json()
    assert first == client.get(f"/api/v1/{what}?account={ours.account.id}").json()
    assert {row["account"] for row in first["results"]} <= {str(ours.account.id)}
    assert bool(first["results"]) is (
        ours.members[role].user_id == ours.account.owner_id or role is not Role.TRADER
    )


def test_pages_from_the_start_lead_on_to_the_rest(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    client = _token(ours.members[Role.TRADER].user)
    whole = [row["id"] for row in client.get("/api/v1/orders").json()["results"]]
    page, found = client.get("/api/v1/orders?limit=1").json(), []
    while True:
        found += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert found == whole == sorted(whole, reverse=True)
    assert len(found) == 3


def test_funds_of_a_strange_account_are_not_found(desks: tuple[Desk, Desk]) -> None:
    ours, theirs = desks
    client = _token(ours.members[Role.OWNER].user)
    strange = client.get(f"/api/v1/accounts/{theirs.account.id}/funds")
    assert (strange.status_code, strange.json()["code"]) == (404, "unknown_account")
