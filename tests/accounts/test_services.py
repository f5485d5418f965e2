"""Members, invitations and keys: what the services promise, and what the API does with keys."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from rest_framework.test import APIClient

from accounts.domain.caller import ApiKeyFacts
from accounts.domain.permissions import Permission, Role
from accounts.models import ApiKey, Invitation, Membership, User
from accounts.services import (
    api_key_create,
    api_key_revoke,
    invitation_accept,
    invitation_create,
    invitation_revoke,
    membership_add,
    membership_change,
    membership_remove,
)
from core.bus import get_bus
from core.clock import wall_now
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.ids import new_id
from core.tenancy import tenant_scope
from tests.accounts.conftest import LogIn
from tests.factories import actor_for, make_member, make_organisation, make_user

pytestmark = pytest.mark.django_db

_SCOPES = [Permission.VIEW_MARKET, Permission.VIEW_ACCOUNTS]


def _owner() -> Membership:
    return make_member(Role.OWNER)


def _key_client(secret: str, address: str = "127.0.0.1") -> APIClient:
    client = APIClient(REMOTE_ADDR=address)
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    return client


# Members


def test_the_last_owner_can_neither_step_down_nor_leave() -> None:
    organisation = make_organisation(owner=make_user())
    with tenant_scope(organisation.id):
        last = Membership.objects.get(organisation=organisation)
        with pytest.raises(Conflict) as refusal:
            membership_change(actor=actor_for(last), membership_id=last.id, role=Role.ADMIN)
        assert refusal.value.code == "last_owner"
        with pytest.raises(Conflict):
            membership_remove(actor=actor_for(last), membership_id=last.id)


def test_the_database_itself_keeps_the_last_owner() -> None:
    organisation = make_organisation(owner=make_user())
    with tenant_scope(organisation.id), connection.cursor() as cursor, transaction.atomic():
        Membership.objects.filter(organisation=organisation).update(role=Role.VIEWER)
        with pytest.raises(IntegrityError, match="at least one owner"), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_an_admin_cannot_make_themselves_an_owner_nor_unmake_one() -> None:
    owner = _owner()
    admin = make_member(Role.ADMIN, owner.organisation)
    with tenant_scope(owner.organisation_id):
        for member in (admin, owner):
            with pytest.raises(PermissionDenied):
                membership_change(
                    actor=actor_for(admin),
                    membership_id=member.id,
                    role=Role.OWNER if member is admin else Role.VIEWER,
                )
        with pytest.raises(PermissionDenied):
            membership_remove(actor=actor_for(admin), membership_id=owner.id)
        with pytest.raises(PermissionDenied):
            invitation_create(actor=actor_for(admin), email="x@example.test", role=Role.OWNER)


def test_a_member_may_leave_but_not_throw_another_out() -> None:
    trader = make_member(Role.TRADER)
    other = make_member(Role.VIEWER, trader.organisation)
    with tenant_scope(trader.organisation_id):
        with pytest.raises(PermissionDenied):
            membership_remove(actor=actor_for(trader), membership_id=other.id)
        membership_remove(actor=actor_for(trader), membership_id=trader.id)
        assert not Membership.objects.filter(id=trader.id).exists()
    assert User.objects.get(pk=trader.user_id).active_organisation_id is None


def test_an_outsider_finds_no_membership_of_ours() -> None:
    ours, theirs = make_member(Role.TRADER), _owner()
    with tenant_scope(theirs.organisation_id), pytest.raises(NotFound):
        membership_change(actor=actor_for(theirs), membership_id=ours.id, role=Role.VIEWER)


def test_nobody_is_a_member_twice() -> None:
    owner = _owner()
    with tenant_scope(owner.organisation_id), pytest.raises(Conflict):
        membership_add(actor=actor_for(owner), user=owner.user, role=Role.VIEWER)


def test_a_lost_role_is_lost_with_the_next_request_and_told_on_the_bus(log_in: LogIn) -> None:
    owner = _owner()
    trader = make_member(Role.TRADER, owner.organisation)
    client = log_in(trader.user)
    assert "PLACE_ORDERS" in client.get("/api/v1/auth/me").json()["permissions"]
    heard: list[bytes] = []
    stop = get_bus().subscribe("control", heard.append)
    with TestCase.captureOnCommitCallbacks(execute=True), tenant_scope(owner.organisation_id):
        membership_change(actor=actor_for(owner), membership_id=trader.id, role=Role.VIEWER)
    assert "PLACE_ORDERS" not in client.get("/api/v1/auth/me").json()["permissions"]
    with TestCase.captureOnCommitCallbacks(execute=True), tenant_scope(owner.organisation_id):
        membership_remove(actor=actor_for(owner), membership_id=trader.id)
    assert client.get("/api/v1/orders").json()["code"] == "not_a_member"
    for _ in range(100):
        if len(heard) == 2:
            break
        time.sleep(0.02)
    stop()
    assert all(str(trader.user_id).encode() in message for message in heard)
    assert len(heard) == 2


def test_the_header_chooses_among_ones_own_organisations(log_in: LogIn) -> None:
    member = make_member(Role.TRADER)
    second = make_organisation(owner=User.objects.get(pk=member.user_id))
    client = log_in(member.user)
    assert client.get("/api/v1/auth/me").json()["roles"] == ["TRADER"]
    me = client.get("/api/v1/auth/me", headers={"X-Organisation": second.slug}).json()
    assert (me["organisation"]["slug"], me["roles"]) == (second.slug, ["OWNER"])


# Invitations


def test_an_invitation_works_once_and_only_in_its_time() -> None:
    owner = _owner()
    users = [make_user() for _ in range(3)]
    with tenant_scope(owner.organisation_id):
        tokens = [
            invitation_create(actor=actor_for(owner), email=user.email, role=Role.ANALYST)[1] for user in users
        ]
    assert invitation_accept(user=users[0], token=tokens[0]).role == Role.ANALYST
    with pytest.raises(NotFound):
        invitation_accept(user=users[0], token=tokens[0])
    with time_machine.travel(wall_now() + timedelta(days=8)), pytest.raises(NotFound):
        invitation_accept(user=users[1], token=tokens[1])
    with tenant_scope(owner.organisation_id):
        third = Invitation.objects.get(email=users[2].email)
        invitation_revoke(actor=actor_for(owner), invitation_id=third.id)
    with pytest.raises(NotFound):
        invitation_accept(user=users[2], token=tokens[2])


def test_a_second_invitation_for_an_address_ends_the_first() -> None:
    owner, user = _owner(), make_user()
    with tenant_scope(owner.organisation_id):
        first = invitation_create(actor=actor_for(owner), email=user.email.upper(), role=Role.VIEWER)[1]
        second = invitation_create(actor=actor_for(owner), email=user.email, role=Role.TRADER)[1]
    with pytest.raises(NotFound):
        invitation_accept(user=user, token=first)
    assert invitation_accept(user=user, token=second).role == Role.TRADER


def test_the_secret_of_an_invitation_is_not_stored() -> None:
    owner = _owner()
    with tenant_scope(owner.organisation_id):
        invitation, token = invitation_create(actor=actor_for(owner), email="x@example.test", role=Role.VIEWER)
        row = Invitation.objects.filter(id=invitation.id).values().get()
    assert token not in {str(value) for value in row.values()}


# API keys


def _key(member: Membership, **changes: object) -> tuple[ApiKey, str]:
    arguments: dict[str, object] = {"name": "Key", "scopes": _SCOPES, **changes}
    with tenant_scope(member.organisation_id):
        return api_key_create(actor=actor_for(member), **arguments)  # type: ignore[arg-type]


def test_a_key_acts_within_its_scopes() -> None:
    member = make_member(Role.TRADER)
    key, secret = _key(member)
    client = _key_client(secret)
    assert client.get("/api/v1/auth/me").json()["permissions"] == ["VIEW_ACCOUNTS", "VIEW_MARKET"]
    assert client.get("/api/v1/orders").status_code == 200
    assert client.post("/api/v1/orders", {}, format="json").status_code == 403
    with tenant_scope(member.organisation_id):
        assert ApiKey.objects.get(pk=key.pk).last_used_at is not None
        assert secret not in {str(value) for value in ApiKey.objects.filter(pk=key.pk).values().get().values()}


def test_a_key_cannot_exceed_its_makers_role() -> None:
    with pytest.raises(InvalidInput) as refusal:
        _key(make_member(Role.TRADER), scopes=[Permission.CHANGE_LIMITS])
    assert "scopes" in refusal.value.errors


def test_a_key_can_neither_make_keys_nor_join_or_found_organisations() -> None:
    _, secret = _key(_owner(), scopes=list(Permission))
    client = _key_client(secret)
    body = {"name": "Child", "scopes": ["VIEW_MARKET"]}
    assert client.post("/api/v1/api-keys", body, format="json").json()["code"] == "reauthentication_required"
    assert (
        client.post("/api/v1/organisations", {"name": "X"}, format="json").json()["code"] == "api_key_not_allowed"
    )


def test_a_key_works_in_its_own_organisation_only() -> None:
    member = make_member(Role.TRADER)
    second = make_organisation(owner=User.objects.get(pk=member.user_id))
    _, secret = _key(member)
    client = _key_client(secret)
    answer = client.get("/api/v1/orders", headers={"X-Organisation": second.slug})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")
    assert client.get(f"/api/v1/organisations/{second.id}/members").status_code == 404


def test_an_expired_or_revoked_key_is_refused_at_once() -> None:
    member = make_member(Role.TRADER)
    _, expiring = _key(member, expires_at=wall_now() + timedelta(hours=1))
    key, secret = _key(member)
    assert _key_client(expiring).get("/api/v1/auth/me").status_code == 200
    with time_machine.travel(wall_now() + timedelta(hours=2), tick=True):
        assert _key_client(expiring).get("/api/v1/auth/me").status_code == 401
    assert _key_client(secret).get("/api/v1/auth/me").status_code == 200
    with TestCase.captureOnCommitCallbacks(execute=True), tenant_scope(member.organisation_id):
        api_key_revoke(actor=actor_for(member), api_key_id=key.id)
    assert _key_client(secret).get("/api/v1/auth/me").status_code == 401


def test_a_key_is_refused_from_another_address() -> None:
    _, secret = _key(make_member(Role.TRADER), allowed_networks=["203.0.113.0/24", "2001:db8::/32"])
    assert _key_client(secret, "203.0.113.9").get("/api/v1/auth/me").status_code == 200
    assert _key_client(secret, "2001:db8::1").get("/api/v1/auth/me").status_code == 200
    assert _key_client(secret, "198.51.100.1").get("/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize("address", ["", "unknown", "203.0.113.9, 10.0.0.1"])
def test_an_address_that_is_none_is_admitted_nowhere(address: str) -> None:
    facts = ApiKeyFacts(new_id(), new_id(), new_id(), "k", frozenset(), ("203.0.113.0/24",), None)
    assert not facts.admits(address)


def test_a_forged_forwarding_header_does_not_move_an_address() -> None:
    _, secret = _key(make_member(Role.TRADER), allowed_networks=["203.0.113.0/24"])
    client = _key_client(secret, "198.51.100.1")
    assert client.get("/api/v1/auth/me", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401


def test_a_broken_network_or_a_past_expiry_makes_no_key() -> None:
    member = make_member(Role.TRADER)
    changes: list[dict[str, Any]] = [
        {"allowed_networks": ["nonsense"]},
        {"expires_at": wall_now()},
        {"scopes": []},
        {"name": " "},
    ]
    for change in changes:
        with pytest.raises(InvalidInput):
            _key(member, **change)
    with tenant_scope(member.organisation_id):
        assert not ApiKey.objects.exists()


def test_a_colleagues_key_is_not_ones_own_to_revoke() -> None:
    member = make_member(Role.TRADER)
    colleague = make_member(Role.TRADER, member.organisation)
    key, _ = _key(member)
    with tenant_scope(member.organisation_id), pytest.raises(NotFound):
        api_key_revoke(actor=actor_for(colleague), api_key_id=key.id)


def test_a_stale_log_in_makes_no_key_over_the_api(log_in: LogIn) -> None:
    member = make_member(Role.TRADER)
    client = log_in(member.user)
    body = {"name": "Key", "scopes": ["view_market"]}
    made = client.post("/api/v1/api-keys", body, format="json")
    assert made.status_code == 201
    assert made.json()["key"].startswith("sauda_")
    assert "key" not in client.get("/api/v1/api-keys").json()["results"][0]
    with time_machine.travel(wall_now() + timedelta(minutes=6), tick=True):
        answer = client.post("/api/v1/api-keys", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")
