"""Every address × every role × own and foreign objects (docs: safety 11). The table is `tests.access.routes`."""

import json
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from tests.access.routes import BODY_NAMES_THE_OBJECT, ELSEWHERE, ROUTES, Route, Who
from tests.access.world import SHARED, Desk, client_of, make_desks
from tests.factories import make_user

pytestmark = pytest.mark.django_db

_ENDS_THE_SESSION = {"api/v1/auth/logout"}
_METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(autouse=True)
def _market(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.READINESS_CHECKS = {}
    settings.UDF_PUBLIC = True


@pytest.fixture
def desks() -> tuple[Desk, Desk]:
    """Ours and theirs."""
    return make_desks()


def _addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _addresses(entry.url_patterns, address)
            continue
        view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
        methods = [name for name in _METHODS if view is not None and hasattr(view, name)] or ["get"]
        yield from ((method.upper(), address) for method in methods)


def test_every_address_is_in_the_table_once() -> None:
    served = {line for line in _addresses(get_resolver().url_patterns) if not line[1].startswith(ELSEWHERE)}
    listed = [(route.method, route.pattern) for route in ROUTES]
    assert served - set(listed) == set(), "add these to tests/access/routes.py"
    assert set(listed) - served == set(), "these are no longer served"
    assert len(listed) == len(set(listed))


def _send(client: Client, route: Route, desk: Desk, role: Role) -> HttpResponse:
    """One request, undone afterwards."""
    address = route.pattern
    for part, kind in route.objects:
        for converter in ("uuid", "str", "int"):
            address = address.replace(f"<{converter}:{part}>", desk.object_id(kind, role))
    address += route.query
    send = getattr(client, route.method.lower())
    with transaction.atomic():
        if route.is_api and route.method != "GET":
            answer = send(f"/{address}", data=route.body, content_type="application/json")
        else:
            answer = send(f"/{address}", json.loads(route.body))
        transaction.set_rollback(True)
    return answer  # type: ignore[no-any-return]


def _verdict(answer: HttpResponse) -> str:
    match answer.status_code:
        case 302 if answer["Location"].startswith("/accounts/"):
            return "not logged in"
        case 401:
            return "not logged in"
        case 403:
            return "forbidden"
        case 404:
            return "not found"
        case status if status >= 500 and status != 503:
            return f"broken ({status})"
        case _:
            return "admitted"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_the_table_says_and_no_more(desks: tuple[Desk, Desk], role: Role) -> None:
    ours, _ = desks
    wrong = {}
    client = client_of(ours.members[role].user)
    for route in ROUTES:
        if route in BODY_NAMES_THE_OBJECT:
            continue
        verdict = _verdict(_send(client, route, ours, role))
        expected = "admitted" if route.admits(role) else "forbidden"
        if verdict != expected:
            wrong[f"{route.method} /{route.pattern}"] = f"{verdict}, not {expected}"
        if route.pattern in _ENDS_THE_SESSION:
            client = client_of(ours.members[role].user)
    assert wrong == {}


@pytest.mark.parametrize("role", [Role.OWNER, Role.TRADER])
def test_another_desks_object_is_not_found(desks: tuple[Desk, Desk], role: Role) -> None:
    ours, theirs = desks
    wrong = {}
    client = client_of(ours.members[role].user)
    for route in ROUTES:
        kinds = {kind for _, kind in route.objects}
        if not kinds - SHARED or (not isinstance(route.who, Who) and not route.admits(role)):
            continue
        if route.who in (Who.ANYBODY, Who.NOBODY):
            continue
        verdict = _verdict(_send(client, route, theirs, role))
        if verdict != "not found":
            wrong[f"{route.method} /{route.pattern}"] = verdict
    assert wrong == {}


def test_our_organisation_opens_no_door_to_their_objects(desks: tuple[Desk, Desk]) -> None:
    ours, theirs = desks
    owner = client_of(ours.members[Role.OWNER].user)
    base = f"/api/v1/organisations/{ours.organisation.id}"
    for path in (
        f"members/{theirs.object_id('member', Role.OWNER)}",
        f"invitations/{theirs.object_id('invitation', Role.OWNER)}",
    ):
        assert owner.delete(f"{base}/{path}").status_code == 404


def test_naming_another_organisation_in_the_header_is_forbidden(desks: tuple[Desk, Desk]) -> None:
    ours, theirs = desks
    owner = client_of(ours.members[Role.OWNER].user)
    for slug in (theirs.organisation.slug, "no-such-desk"):
        answer = owner.get("/api/v1/orders", headers={"X-Organisation": slug})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")


def test_a_stranger_gets_only_what_is_for_anybody(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    wrong = {}
    for route in ROUTES:
        verdict = _verdict(_send(Client(raise_request_exception=False), route, ours, Role.OWNER))
        expected = "admitted" if route.who is Who.ANYBODY else "not logged in"
        if verdict != expected:
            wrong[f"{route.method} /{route.pattern}"] = f"{verdict}, not {expected}"
    assert wrong == {}


def test_the_admin_is_for_staff_only(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    owner = client_of(ours.members[Role.OWNER].user)
    root = client_of(make_user(is_superuser=True))
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert Client().get(address).status_code == 302, address
        assert owner.get(address).status_code in (302, 403), address
        assert root.get(address).status_code == 200, address
