"""The audit trail knows who logged in, who failed to, who left, and whose second factors changed."""

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import AuditEntry, Membership
from accounts.selectors.audit import audit_fault
from core.tenancy import system_scope, tenant_scope
from tests.accounts.conftest import LogIn
from tests.factories import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db


def _trail(member: Membership) -> list[tuple[str, dict[str, Any]]]:
    with tenant_scope(member.organisation_id):
        assert audit_fault(member.organisation_id) is None
        entries = AuditEntry.objects.filter(object_type="user", object_id=str(member.user_id)).order_by("seq")
        return [(entry.action, entry.data) for entry in entries if entry.action.startswith("user.")]


def _actions(member: Membership) -> list[str]:
    return [action for action, _ in _trail(member)]


def test_logging_in_and_out_on_the_pages_leaves_entries() -> None:
    member = make_member(Role.TRADER)
    client = Client()
    client.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    client.post("/accounts/logout/")
    assert _trail(member) == [
        ("user.logged_in", {"methods": ["password"], "address": "127.0.0.1"}),
        ("user.logged_out", {"address": "127.0.0.1"}),
    ]


def test_logging_in_and_out_over_the_api_leaves_entries(log_in: LogIn) -> None:
    member = make_member(Role.TRADER)
    log_in(member.user).post("/api/v1/auth/logout")
    assert _actions(member) == ["user.logged_in", "user.logged_out"]


def test_a_wrong_password_is_recorded_without_what_was_typed() -> None:
    member = make_member(Role.TRADER)
    Client().post("/accounts/login/", {"login": member.user.email, "password": "my-other-password"})
    credentials = {"email": member.user.email, "password": "my-other-password"}
    APIClient().post("/api/v1/auth/login", credentials, format="json")
    failed = ("user.log_in_failed", {"method": "password", "address": "127.0.0.1"})
    assert _trail(member) == [failed, failed]


def test_a_wrong_code_is_recorded_and_the_right_one_names_both_methods() -> None:
    member = make_member(Role.TRADER)
    secret = generate_totp_secret()
    TOTP.activate(member.user, secret)
    client = Client()
    client.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [(action, data.get("method") or data["methods"]) for action, data in _trail(member)] == [
        ("user.log_in_failed", "totp"),
        ("user.logged_in", ["password", "totp"]),
    ]


def test_an_unknown_address_and_a_user_without_an_organisation_leave_no_entry() -> None:
    member, alone = make_member(Role.TRADER), make_user()
    with system_scope():
        before = AuditEntry.objects.count()
    Client().post("/accounts/login/", {"login": "nobody@example.test", "password": PASSWORD})
    Client().post("/accounts/login/", {"login": alone.email, "password": PASSWORD})
    with system_scope():
        assert AuditEntry.objects.count() == before
    assert _trail(member) == []


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_switched_on_and_off_is_recorded() -> None:
    member = make_member(Role.TRADER)
    client = Client()
    client.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/profile/"})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    for path, data in (("totp/activate", {"code": code}), ("recovery-codes/generate", {}), ("totp/deactivate", {})):
        client.post(f"/accounts/2fa/{path}/", data)
    changes = [(action, data["factor"]) for action, data in _trail(member) if "factor" in data]
    assert changes == [
        ("user.second_factor_added", "totp"),
        ("user.second_factor_added", "recovery_codes"),
        ("user.second_factor_renewed", "recovery_codes"),
        ("user.second_factor_removed", "totp"),
        ("user.second_factor_removed", "recovery_codes"),
    ]


def test_a_changed_password_is_recorded() -> None:
    member = make_member(Role.TRADER)
    client = Client()
    client.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    new = "another-long-password"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert "user.password_changed" in _actions(member)
