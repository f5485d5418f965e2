"""Rights that end, end on open sockets too, within seconds."""

import time

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from accounts.domain.permissions import Permission, Role
from accounts.models import Membership
from accounts.services import api_key_create, api_key_revoke, membership_change, membership_remove, user_disable
from core.realtime.protocol import CloseCode
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_account, make_member, make_organisation, make_user
from tests.realtime.conftest import Client, Server

WITHIN_SECONDS = 5.0


def assert_open(client: Client) -> None:
    client.send(action="ping")
    assert client.receive("pong")


def owner_of(member: Membership) -> Membership:
    return make_member(Role.OWNER, member.organisation)


def test_a_disabled_users_socket_is_closed(server: Server) -> None:
    member = make_member(Role.TRADER)
    client, bystander = server.open(actor=actor_for(member)), server.open(actor=actor_for(owner_of(member)))
    assert_open(client)
    user_disable(user=member.user)
    assert client.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED
    assert_open(bystander)


def test_a_removed_members_socket_is_closed(server: Server) -> None:
    member = make_member(Role.TRADER)
    owner = actor_for(owner_of(member))
    client = server.open(actor=actor_for(member))
    assert_open(client)
    with tenant_scope(member.organisation_id):
        membership_remove(actor=owner, membership_id=member.id)
    assert client.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED


def test_a_lesser_role_ends_the_streams_it_may_not_see(server: Server) -> None:
    organisation = make_organisation()
    account = make_account(make_member(Role.TRADER, organisation))
    member = make_member(Role.VIEWER, organisation)
    shared = server.open(actor=actor_for(member))
    shared.send(action="subscribe", topic="orders", account=str(account.id))
    single = server.open(f"/ws/orders/{account.id}", actor=actor_for(member))
    assert shared.receive()["event"] == single.receive()["event"] == "snapshot"

    with tenant_scope(organisation.id):
        owner = actor_for(make_member(Role.OWNER, organisation))
        membership_change(actor=owner, membership_id=member.id, role=Role.TRADER)
    assert shared.receive()["code"] == "unknown_account"
    assert_open(shared)
    assert single.close_code(within=WITHIN_SECONDS) == CloseCode.FORBIDDEN


def test_a_revoked_keys_socket_is_closed_and_the_users_other_sockets_stay(server: Server) -> None:
    member = make_member(Role.TRADER)
    actor = actor_for(member)
    with tenant_scope(member.organisation_id):
        key, secret = api_key_create(actor=actor, name="bot", scopes=[Permission.VIEW_MARKET])
    by_key = server.open(Authorization=f"Api-Key {secret}")
    by_ticket = server.open(actor=actor)
    assert_open(by_key)
    with tenant_scope(member.organisation_id):
        api_key_revoke(actor=actor, api_key_id=key.id)
    assert by_key.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED
    assert_open(by_ticket)


def test_logging_out_closes_the_browsers_socket(server: Server, client: Browser) -> None:
    client.force_login(make_member(Role.TRADER).user)
    socket = server.open(Cookie=f"sessionid={client.cookies['sessionid'].value}")
    assert_open(socket)
    client.post("/accounts/logout/")
    assert socket.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED


def test_rights_are_looked_at_again_without_being_told(
    server: Server, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("core.realtime.switchboard.RECHECK_SECONDS", 0.2)
    settings.AUTH_CACHE_SECONDS = 0
    member = make_member(Role.TRADER)
    client = server.open(actor=actor_for(member))
    assert_open(client)
    time.sleep(0.1)
    with tenant_scope(member.organisation_id):
        Membership.objects.filter(pk=member.pk).delete()
    assert client.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED


def test_a_log_out_closes_the_sockets_that_its_tickets_opened(server: Server, client: Browser) -> None:
    member = make_member(Role.TRADER)
    client.force_login(member.user)
    bystander = Browser()
    bystander.force_login(member.user)
    closed, stays = (
        server.open(f"/ws/stream?ticket={browser.post('/api/v1/auth/ws-ticket').json()['ticket']}")
        for browser in (client, bystander)
    )
    assert_open(closed)
    assert_open(stays)
    client.post("/accounts/logout/")
    assert closed.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED
    assert_open(stays)


def test_the_admins_own_log_out_and_a_new_password_close_sockets_too(server: Server) -> None:
    root = make_user(is_superuser=True)
    make_organisation(owner=root)
    sockets = []
    for browser in (Browser(), Browser()):
        browser.force_login(root)
        sockets.append((browser, server.open(Cookie=f"sessionid={browser.cookies['sessionid'].value}")))
    (first, first_socket), (_, second_socket) = sockets
    assert_open(first_socket)
    assert_open(second_socket)
    first.post("/admin/logout/")
    assert first_socket.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED
    assert_open(second_socket)
    root.set_password("another-correct-horse")
    root.save()
    assert second_socket.close_code(within=WITHIN_SECONDS) == CloseCode.NOT_AUTHENTICATED
