"""The pages of members, keys, audit, profile and invitations, as a browser sees them."""

import re

import pytest
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse

from accounts.domain.permissions import Role
from accounts.models import ApiKey, Membership, Organisation, User
from core.tenancy import system_scope, tenant_scope
from tests.factories import PASSWORD, make_member, make_organisation, make_user

pytestmark = pytest.mark.django_db


def _browser(user: User) -> Client:
    """Logged in through the log-in page, so that the log-in counts as recent."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/confirm-email/",
        "/accounts/inactive/",
        "/accounts/password/reset/key/1-x/",
        "/accounts/confirm-email/nonsense/",
    ],
)
def test_the_pages_before_log_in_wear_our_look(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert b'class="gate"' in answer.content
    assert b"style=" not in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/logout/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/sessions/",
        "/organisation/members/",
        "/api-keys/",
        "/audit/",
        "/profile/",
    ],
)
def test_the_pages_behind_log_in_open_for_an_owner(path: str) -> None:
    answer = _browser(make_member(Role.OWNER).user).get(path, follow=True)
    assert answer.status_code == 200
    assert b"<nav" in answer.content or b'class="gate"' in answer.content
    assert b"style=" not in answer.content


def test_the_admin_sends_strangers_to_the_one_log_in_page() -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_somebody_without_an_organisation_finds_their_profile() -> None:
    client = _browser(make_user())
    assert client.get("/organisation/members/")["Location"] == "/profile/"
    assert b"no organisation" in client.get("/profile/").content
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post("/organisation/new/", {"name": "Fresh desk"})
    assert client.get("/organisation/members/").status_code == 200


def test_an_invitation_goes_out_and_lets_a_newcomer_register_straight_into_the_desk() -> None:
    owner = make_member(Role.OWNER)
    with TestCase.captureOnCommitCallbacks(execute=True):
        page = _browser(owner.user).post("/organisation/members/", {"email": "New@example.test", "role": "analyst"})
    link = re.search(rb"/invitations/[\w-]+/", page.content)
    assert link is not None
    path = link.group().decode()
    assert path in mail.outbox[-1].body
    newcomer = Client()
    assert b"Join" in newcomer.get(path).content
    newcomer.post("/accounts/signup/", {"email": "new@example.test", "password1": "a-long-new-password"})
    user = User.objects.get(email="new@example.test")
    with system_scope():
        membership = Membership.objects.get(user=user)
    assert (membership.organisation_id, membership.role) == (owner.organisation_id, "analyst")
    assert newcomer.get(path).status_code == 404


def test_an_existing_user_joins_with_the_link_and_nobody_else_does() -> None:
    owner, invited, other = make_member(Role.OWNER), make_user(), make_user()
    page = _browser(owner.user).post("/organisation/members/", {"email": invited.email, "role": "viewer"})
    path = re.search(rb"/invitations/[\w-]+/", page.content).group().decode()  # type: ignore[union-attr]
    assert _browser(other).post(path).status_code == 403
    assert _browser(invited).post(path).status_code == 302
    with tenant_scope(owner.organisation_id):
        assert Membership.objects.filter(user=invited, role="viewer").exists()
        assert not Membership.objects.filter(user=other).exists()


def test_a_key_is_shown_once_and_revoked_by_name() -> None:
    trader = make_member(Role.TRADER)
    client = _browser(trader.user)
    page = client.post("/api-keys/", {"name": "Spreadsheet", "scopes": ["view_market"], "days": "30"})
    secret = re.search(rb"sauda_[0-9a-f]{64}", page.content)
    assert secret is not None
    assert secret.group() not in client.get("/api-keys/").content
    with tenant_scope(trader.organisation_id):
        key = ApiKey.objects.get()
    asked = client.get(reverse("accounts:api_key_revoke", args=[key.id]))
    assert b"Spreadsheet" in asked.content
    client.post(reverse("accounts:api_key_revoke", args=[key.id]))
    with tenant_scope(trader.organisation_id):
        assert ApiKey.objects.get().revoked_at is not None


def test_a_key_wants_a_recent_log_in() -> None:
    trader = make_member(Role.TRADER)
    client = Client()
    client.force_login(trader.user)
    answer = client.post("/api-keys/", {"name": "x", "scopes": ["view_market"], "days": ""})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    # Proven again, the form that was sent is carried out, not lost.
    done = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/api-keys/"})
    assert b"sauda_" in done.content


def test_the_audit_page_filters_in_place() -> None:
    owner = make_member(Role.OWNER)
    client = _browser(owner.user)
    assert b"organisation.created" in client.get("/audit/").content
    rows = client.get("/audit/?action=membership.", headers={"HX-Request": "true", "HX-Target": "audit"})
    assert b"Nothing matches" in rows.content
    assert b"<html" not in rows.content


def test_switching_goes_only_to_ones_own_organisations() -> None:
    member = make_member(Role.TRADER)
    stranger = make_organisation()
    client = _browser(member.user)
    answer = client.post("/organisation/switch/", {"organisation": str(stranger.id)})
    assert answer.status_code == 404
    second = make_organisation(owner=User.objects.get(pk=member.user_id))
    client.post("/organisation/switch/", {"organisation": str(second.id), "next": "https://evil.example/"})
    assert User.objects.get(pk=member.user_id).active_organisation_id == second.id


def test_another_desk_sees_no_member_of_ours() -> None:
    ours, theirs = make_member(Role.TRADER), make_member(Role.OWNER)
    client = _browser(theirs.user)
    assert ours.user.email.encode() not in client.get("/organisation/members/").content
    for name in ("accounts:member_remove", "accounts:member_role"):
        assert client.post(reverse(name, args=[ours.id]), {"role": "viewer"}).status_code == 404


def test_registration_gives_an_organisation_of_ones_own() -> None:
    Client().post("/accounts/signup/", {"email": "Solo@Example.test", "password1": "a-long-new-password"})
    user = User.objects.get(email="solo@example.test")
    organisation = Organisation.objects.get(pk=user.active_organisation_id)
    with tenant_scope(organisation.id):
        assert Membership.objects.get(user=user).role == "owner"


def test_sign_up_and_reset_tell_nothing_about_who_is_registered() -> None:
    known = make_user()
    for path, data in (
        ("/accounts/signup/", {"password1": "a-long-new-password"}),
        ("/accounts/password/reset/", {}),
    ):
        field = "email"
        one = Client().post(path, {field: known.email, **data})
        two = Client().post(path, {field: "nobody-here@example.test", **data})
        assert (one.status_code, one["Location"]) == (two.status_code, two["Location"])
