"""Security keys as second factor and as passkey, on the pages and over the API."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import User
from tests.accounts.soft_key import SoftKey
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db


def _browser() -> Client:
    # WebAuthn wants https or localhost.
    return Client(HTTP_HOST="localhost")


def _options(answer: Any) -> dict[str, Any]:
    data = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', answer.content.decode())
    assert data is not None, answer.content
    found = json.loads(data.group(1))
    return found.get("creation_options") or found["request_options"]


def _log_in(client: Client, user: User) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def _confirm(client: Client) -> None:
    """What changes second factors wants the password again."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/profile/"}).status_code == 302


def _with_key(key: SoftKey) -> User:
    user = make_member(Role.TRADER).user
    client = _browser()
    _log_in(client, user)
    _confirm(client)
    options = _options(client.get("/accounts/2fa/webauthn/add/"))
    answer = client.post(
        "/accounts/2fa/webauthn/add/", {"name": "Desk key", "passwordless": "on", "credential": key.create(options)}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/recovery-codes/")
    return user


def test_a_key_is_added_renamed_and_removed() -> None:
    user = _with_key(SoftKey(verifies_user=True))
    key = Authenticator.objects.get(user=user, type="webauthn")
    client = _browser()
    _log_in(client, user)
    page = client.get("/accounts/2fa/authenticate/")
    codes = RecoveryCodes(Authenticator.objects.get(user=user, type="recovery_codes"))
    assert b"Use a security key" in page.content
    client.post("/accounts/2fa/authenticate/", {"code": codes.get_unused_codes()[0]})
    _confirm(client)
    assert b"Desk key" in client.get("/accounts/2fa/webauthn/").content
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "Blue key"})
    assert b"Blue key" in client.get("/accounts/2fa/webauthn/").content
    assert b"Blue key" in client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").content
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_password_alone_does_not_pass_a_key() -> None:
    key = SoftKey(verifies_user=True)
    user = _with_key(key)
    client = _browser()
    assert _log_in(client, user)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/orders/").status_code == 302
    options = _options(client.get("/accounts/2fa/authenticate/"))
    answer = client.post("/accounts/2fa/authenticate/", {"credential": key.get(options)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/profile/").status_code == 200


def test_a_strangers_key_does_not_pass() -> None:
    user = _with_key(SoftKey(verifies_user=True))
    client = _browser()
    _log_in(client, user)
    options = _options(client.get("/accounts/2fa/authenticate/"))
    assert client.post("/accounts/2fa/authenticate/", {"credential": SoftKey().get(options)}).status_code == 200
    assert client.get("/profile/").status_code == 302


def test_an_answer_does_not_work_twice() -> None:
    key = SoftKey(verifies_user=True)
    user = _with_key(key)
    client = _browser()
    _log_in(client, user)
    answer = key.get(_options(client.get("/accounts/2fa/authenticate/")))
    client.post("/accounts/2fa/authenticate/", {"credential": answer})
    again = _browser()
    _log_in(again, user)
    again.get("/accounts/2fa/authenticate/")
    again.post("/accounts/2fa/authenticate/", {"credential": answer})
    assert again.get("/profile/").status_code == 302


@pytest.mark.parametrize(("verifies_user", "path"), [(True, "/"), (False, "/accounts/login/")])
def test_a_passkey_logs_in_by_itself_only_when_it_knows_its_owner(verifies_user: bool, path: str) -> None:
    key = SoftKey(verifies_user=True)
    _with_key(key)
    if not verifies_user:
        key._flags = SoftKey()._flags
    client = _browser()
    options = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).json()
    credential = key.get(options["request_options"])
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert client.get("/profile/").status_code == (200 if verifies_user else 302)


def test_a_key_that_does_not_know_its_owner_cannot_become_a_passkey() -> None:
    client = _browser()
    _log_in(client, make_member(Role.TRADER).user)
    _confirm(client)
    credential = SoftKey().create(_options(client.get("/accounts/2fa/webauthn/add/")))
    answer = client.post("/accounts/2fa/webauthn/add/", {"passwordless": "on", "credential": credential})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_a_key_confirms_what_is_sensitive() -> None:
    key = SoftKey(verifies_user=True)
    user = _with_key(key)
    client = _browser()
    client.force_login(user)
    options = _options(client.get("/accounts/2fa/webauthn/reauthenticate/?next=/api-keys/"))
    answer = client.post(
        "/accounts/2fa/webauthn/reauthenticate/", {"credential": key.get(options), "next": "/api-keys/"}
    )
    assert answer["Location"] == "/api-keys/"


def test_the_api_refuses_a_password_when_the_second_factor_is_a_key() -> None:
    user = _with_key(SoftKey(verifies_user=True))
    credentials = {"email": user.email, "password": PASSWORD}
    answer = APIClient().post("/api/v1/auth/login", credentials, format="json")
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    assert "security key" in answer.json()["detail"]
    guessed = APIClient().post("/api/v1/auth/login", {**credentials, "otp": "000000"}, format="json")
    assert (guessed.status_code, guessed.json()["code"]) == (401, "otp_invalid")


def test_the_api_refuses_every_code_when_the_recovery_codes_are_gone_too() -> None:
    user = _with_key(SoftKey(verifies_user=True))
    Authenticator.objects.filter(user=user, type="recovery_codes").delete()
    body = {"email": user.email, "password": PASSWORD, "otp": "12345678"}
    answer = APIClient().post("/api/v1/auth/login", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (401, "otp_invalid")


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/2fa/", "/accounts/2fa/webauthn/add/"])
def test_the_pages_carry_no_inline_script(path: str) -> None:
    client = _browser()
    if path != "/accounts/login/":
        _log_in(client, make_member(Role.TRADER).user)
        _confirm(client)
    answer = client.get(path)
    assert answer.status_code == 200
    scripts = re.findall(r"<script\b([^>]*)>", answer.content.decode())
    assert all("src=" in attributes or "application/json" in attributes for attributes in scripts)
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
