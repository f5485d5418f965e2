"""Every API address with keys: the one scope that is asked for opens it, all the others together do not."""

from typing import Any

import pytest
from django.test import Client, TestCase
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Permission, Role
from accounts.services import api_key_create, membership_change, membership_remove
from core.tenancy import tenant_scope
from tests.access.routes import ROUTES, Route, Who
from tests.access.test_matrix import _send, _verdict
from tests.access.world import SHARED, Desk, make_desks
from tests.factories import actor_for

pytestmark = pytest.mark.django_db

API = [route for route in ROUTES if route.is_api]
# What takes a person, and one who logged in just now.
PERSONAL = {"reauthentication_required", "api_key_not_allowed", "owner_only"}


@pytest.fixture(autouse=True)
def _market(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True


@pytest.fixture
def desks() -> tuple[Desk, Desk]:
    """Ours and theirs."""
    return make_desks()


_RUN = "api/v1/strategy-runs/<uuid:run_id>"
# What these do is more than one thing, and a key has to be allowed each.
NEEDS_TOO = {
    "api/v1/signals/<uuid:signal_id>/approve": {Permission.PLACE_ORDERS},
    f"{_RUN}/start": {Permission.PLACE_ORDERS},
    f"{_RUN}/stop": {Permission.CANCEL_ORDERS},
    f"{_RUN}/flatten": {Permission.CANCEL_ORDERS, Permission.PLACE_ORDERS},
}


def _program(desk: Desk, role: Role, scopes: set[Permission]) -> Client:
    with tenant_scope(desk.organisation.id):
        _, secret = api_key_create(actor=actor_for(desk.members[role]), name="bot", scopes=scopes)
    return Client(raise_request_exception=False, headers={"Authorization": f"Api-Key {secret}"})


def _outcome(client: Client, route: Route, desk: Desk) -> str:
    answer: Any = _send(client, route, desk, Role.OWNER)
    if answer.status_code == 403 and answer.json()["code"] in PERSONAL:
        return "takes a person"
    return _verdict(answer)


def test_a_key_with_only_the_asked_for_scope_is_admitted_and_with_all_others_forbidden(
    desks: tuple[Desk, Desk],
) -> None:
    ours, _ = desks
    everything = set(Permission)
    # The desk's account is the trader's, so that even the owner's key must see all accounts to find it.
    only = {scope: _program(ours, Role.OWNER, {scope, Permission.VIEW_ALL_ACCOUNTS}) for scope in Permission}
    without = {scope: _program(ours, Role.OWNER, everything - {scope}) for scope in Permission}
    wrong = {}
    for route in API:
        if not isinstance(route.who, Permission):
            continue
        program = only[route.who]
        if (more := NEEDS_TOO.get(route.pattern)) is not None:
            program = _program(ours, Role.OWNER, {route.who, Permission.VIEW_ALL_ACCOUNTS, *more})
        outcomes = (_outcome(program, route, ours), _outcome(without[route.who], route, ours))
        if outcomes not in {("admitted", "forbidden"), ("takes a person", "forbidden"), ("takes a person",) * 2}:
            wrong[f"{route.method} /{route.pattern}"] = outcomes
    assert wrong == {}


def test_a_key_finds_nothing_of_another_desk(desks: tuple[Desk, Desk]) -> None:
    ours, theirs = desks
    program = _program(ours, Role.OWNER, set(Permission))
    found = {}
    for route in API:
        if not route.objects or route.who is Who.ANYBODY or {*dict(route.objects).values()} & SHARED:
            continue
        verdict = _outcome(program, route, theirs)
        # A key may not act for its person at all, so it is turned away before anything is looked for.
        if verdict != "not found" and route.who is not Who.MEMBERS:
            found[f"{route.method} /{route.pattern}"] = verdict
    assert found == {}


def test_a_key_opens_no_page_and_no_admin(desks: tuple[Desk, Desk]) -> None:
    program = _program(desks[0], Role.OWNER, set(Permission))
    for address in ("/", "/orders/", "/api-keys/", "/admin/"):
        answer = program.get(address)
        assert answer.status_code == 302, address
        assert "/login/" in answer["Location"], address


def test_a_key_shrinks_with_its_owners_role_and_dies_with_the_membership(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    member = ours.members[Role.TRADER]
    program = _program(ours, Role.TRADER, {Permission.VIEW_ACCOUNTS, Permission.PLACE_ORDERS})
    order = f"/api/v1/orders/{ours.object_id('order', Role.TRADER)}"
    assert program.get(order).status_code == 200
    owner = actor_for(ours.members[Role.OWNER])
    with TestCase.captureOnCommitCallbacks(execute=True), tenant_scope(ours.organisation.id):
        membership_change(actor=owner, membership_id=member.id, role=Role.VIEWER)
    assert program.get(order).status_code == 200
    assert program.post("/api/v1/orders", {}, content_type="application/json").status_code == 403
    with TestCase.captureOnCommitCallbacks(execute=True), tenant_scope(ours.organisation.id):
        membership_remove(actor=owner, membership_id=member.id)
    assert program.get(order).status_code == 401
