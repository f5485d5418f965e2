"""Log-in for programs: with and without a second factor, refresh, log-out, and what a stranger learns."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import TestCase
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import User
from accounts.services import user_disable
from tests.accounts.conftest import LogIn
from tests.factories import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login"


def _log_in(email: str, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return APIClient().post(LOGIN, {"email": email, "password": password, **more}, format="json")


def _bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_a_password_gives_tokens_and_the_roles() -> None:
    member = make_member(Role.TRADER)
    body = _log_in(member.user.email.upper()).json()
    assert body["roles"] == ["TRADER"]
    assert body["user"]["email"] == member.user.email
    assert body["expires_in"] > 0
    me = _bearer(body["access_token"]).get("/api/v1/auth/me").json()
    assert me["organisation"]["slug"] == member.organisation.slug
    assert "PLACE_ORDERS" in me["permissions"]


def test_wrong_password_and_unknown_address_answer_alike() -> None:
    known = _log_in(make_user().email, "not-the-password")
    unknown = _log_in("nobody@example.test", "not-the-password")
    assert known.status_code == unknown.status_code == 401
    ours, theirs = known.json(), unknown.json()
    assert ours.pop("request_id") != theirs.pop("request_id")
    assert ours == theirs
    assert ours["code"] == "invalid_credentials"


def test_a_disabled_user_looks_like_a_wrong_password() -> None:
    user = make_user()
    user_disable(user=user)
    answer = _log_in(user.email)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_an_unverified_address_does_not_get_in() -> None:
    user = make_user()
    EmailAddress.objects.filter(user=user).update(verified=False)
    answer = _log_in(user.email)
    assert (answer.status_code, answer.json()["code"]) == (403, "email_unverified")


def test_failed_log_ins_are_limited() -> None:
    user = make_user()
    answers = [_log_in(user.email, "wrong-password") for _ in range(12)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"]


def test_a_second_factor_is_asked_for_and_checked() -> None:
    user = make_member(Role.TRADER).user
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    assert _log_in(user.email).json()["code"] == "mfa_required"
    assert _log_in(user.email, otp="000000").json()["code"] == "otp_invalid"
    assert _log_in(user.email, otp=_code(secret)).json()["access_token"]


def test_a_recovery_code_works_once() -> None:
    user = make_member(Role.TRADER).user
    TOTP.activate(user, generate_totp_secret())
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    assert _log_in(user.email, otp=code).status_code == 200
    assert _log_in(user.email, otp=code).json()["code"] == "otp_invalid"


def test_a_refresh_token_works_once() -> None:
    first = _log_in(make_member().user.email).json()
    refresh = {"refresh_token": first["refresh_token"]}
    second = APIClient().post("/api/v1/auth/refresh", refresh, format="json")
    assert second.status_code == 200
    assert _bearer(second.json()["access_token"]).get("/api/v1/auth/me").status_code == 200
    again = APIClient().post("/api/v1/auth/refresh", refresh, format="json")
    assert (again.status_code, again.json()["code"]) == (401, "token_invalid")


def test_an_access_token_is_no_refresh_token() -> None:
    tokens = _log_in(make_member().user.email).json()
    answer = APIClient().post("/api/v1/auth/refresh", {"refresh_token": tokens["access_token"]}, format="json")
    assert answer.status_code == 401
    assert _bearer(tokens["refresh_token"]).get("/api/v1/auth/me").status_code == 401


def test_log_out_ends_every_token_of_the_log_in_and_no_other() -> None:
    user = make_member().user
    one, other = _log_in(user.email).json(), _log_in(user.email).json()
    client = _bearer(one["access_token"])
    assert client.get("/api/v1/auth/me").status_code == 200
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert client.post("/api/v1/auth/logout").status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401
    refresh = {"refresh_token": one["refresh_token"]}
    assert APIClient().post("/api/v1/auth/refresh", refresh, format="json").status_code == 401
    assert _bearer(other["access_token"]).get("/api/v1/auth/me").status_code == 200


def test_a_disabled_user_is_out_with_the_next_request(log_in: LogIn) -> None:
    user = make_member().user
    client = log_in(user)
    assert client.get("/api/v1/auth/me").status_code == 200
    with TestCase.captureOnCommitCallbacks(execute=True):
        user_disable(user=user)
    assert client.get("/api/v1/auth/me").status_code == 401


def test_a_changed_password_ends_other_log_ins(log_in: LogIn) -> None:
    from allauth.account.adapter import get_adapter

    user = make_member().user
    client = log_in(user)
    assert client.get("/api/v1/auth/me").status_code == 200
    with TestCase.captureOnCommitCallbacks(execute=True):
        get_adapter().set_password(User.objects.get(pk=user.pk), "another-long-password")
    assert client.get("/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer nonsense", "Bearer a.b.c", "Api-Key nonsense"])
def test_a_broken_credential_is_refused_even_where_nobody_need_log_in(header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get("/api/v1/auth/me").status_code == 401


def test_a_ticket_opens_one_socket_as_the_caller(log_in: LogIn) -> None:
    from accounts.services import ws_ticket_redeem

    member = make_member(Role.TRADER)
    answer = log_in(member.user).post("/api/v1/auth/ws-ticket")
    ticket = answer.json()["ticket"]
    redeemed = ws_ticket_redeem(ticket)
    assert redeemed is not None
    assert (redeemed.actor.user_id, redeemed.actor.organisation_id) == (member.user_id, member.organisation_id)
    assert ws_ticket_redeem(ticket) is None


def test_a_ticket_dies_with_the_rights_it_stood_for(log_in: LogIn) -> None:
    from accounts.services import ws_ticket_redeem

    user = make_member(Role.TRADER).user
    ticket = log_in(user).post("/api/v1/auth/ws-ticket").json()["ticket"]
    with TestCase.captureOnCommitCallbacks(execute=True):
        user_disable(user=user)
    assert ws_ticket_redeem(ticket) is None
