"""Who is let in, and who is not any more."""

import time

import pytest
from django.db import transaction
from django.test import Client

from accounts.domain.actor import ActorKind
from accounts.domain.permissions import Permission, Role
from accounts.models import AuditEntry
from accounts.services import membership_remove, user_disable
from core.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, PermissionDenied
from core.tenancy import system_scope, tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_member
from trading.marketdata.models import DatafeedToken
from trading.marketdata.services import datafeed_actor, datafeed_token_create, datafeed_token_revoke
from trading.marketdata.services.datafeed_tokens import MOST_TOKENS

from .conftest import make_token

pytestmark = pytest.mark.django_db

ADDRESSES = ("config", "symbols", "search", "history", "marks", "timescale_marks", "time", "quotes")


def test_time_is_a_plain_integer(client, token):
    answer = client.get(f"/udf/{token}/time")
    assert abs(int(answer.content) - time.time()) < 5
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_bare_path_is_closed_unless_the_operator_opens_it(client, settings, address):
    closed = client.get(f"/udf/{address}")
    assert (closed.status_code, closed.json()["s"]) == (403, "error")
    settings.UDF_PUBLIC = True
    assert client.get(f"/udf/{address}").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("text", ["udf_guess", "x", "udf_" + "0" * 64])
def test_a_guessed_token_opens_nothing_even_where_the_bare_path_is_public(client, settings, address, text):
    settings.UDF_PUBLIC = True
    answer = client.get(f"/udf/{text}/{address}")
    assert (answer.status_code, answer.json()["s"]) == (401, "error")


def test_only_a_digest_is_kept_and_the_trail_tells_of_both_acts(member, token):
    with tenant_scope(member.organisation_id):
        kept = DatafeedToken.objects.get()
        assert token not in str(kept.__dict__)
        assert token.startswith(kept.prefix)
        datafeed_token_revoke(actor=actor_for(member), token_id=kept.id)
        trail = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert trail[-2:] == ["datafeed_token.created", "datafeed_token.revoked"]


@pytest.mark.django_db(transaction=True)
def test_a_revoked_token_is_refused_from_the_next_request_on(client, member, token):
    assert client.get(f"/udf/{token}/config").status_code == 200
    with tenant_scope(member.organisation_id):
        for _ in range(2):
            datafeed_token_revoke(actor=actor_for(member), token_id=DatafeedToken.objects.get().id)
    assert client.get(f"/udf/{token}/config").status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lost", ["user", "membership"])
def test_whoever_loses_their_access_loses_it_here_too(client, member, token, lost):
    assert client.get(f"/udf/{token}/config").status_code == 200
    owner = actor_for(make_member(Role.OWNER, member.organisation))
    if lost == "user":
        with system_scope(), transaction.atomic():
            user_disable(user=member.user)
    else:
        with tenant_scope(member.organisation_id):
            membership_remove(actor=owner, membership_id=member.id)
    assert client.get(f"/udf/{token}/config").status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_a_token_looks_and_never_acts_whatever_its_members_role(role):
    actor = datafeed_actor(make_token(make_member(role)))
    assert actor.permissions == {Permission.VIEW_MARKET, Permission.VIEW_ACCOUNTS}
    assert actor.kind is ActorKind.API_KEY


def test_a_token_is_no_api_key(client, token):
    for scheme in ("Api-Key", "Bearer"):
        answer = client.get("/api/v1/quotes?symbols=NSE:TCS", headers={"Authorization": f"{scheme} {token}"})
        assert answer.status_code == 401
    with pytest.raises(NotAuthenticated):
        datafeed_actor("sauda_something")


def test_each_token_has_a_rate_of_its_own(client, settings, member, token):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "udf": "3/h"}
    other = make_token(member, "Other")
    answers = [client.get(f"/udf/{token}/time") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Remaining"] == "2"
    assert answers[3].json()["s"] == "error"
    assert int(answers[3]["Retry-After"]) > 0
    assert client.get(f"/udf/{other}/time").status_code == 200


def test_guessing_is_bounded_by_address(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "address": "3/h"}
    codes = [client.get(f"/udf/udf_guess{number}/time").status_code for number in range(4)]
    assert codes == [401, 401, 401, 429]


def test_only_named_origins_may_read_it_from_their_pages(client, settings, token):
    def allowed(path: str, origin: str = "https://charts.example") -> str | None:
        return client.get(path, headers={"Origin": origin}).get("Access-Control-Allow-Origin")

    assert allowed(f"/udf/{token}/time") is None
    settings.UDF_ALLOWED_ORIGINS = ["https://charts.example"]
    assert allowed(f"/udf/{token}/time") == "https://charts.example"
    assert allowed(f"/udf/{token}/time", "https://evil.example") is None
    settings.UDF_ALLOWED_ORIGINS = ["*"]
    assert allowed(f"/udf/{token}/time", "https://anybody.example") == "https://anybody.example"
    # The rest of the house stays closed to them, and cookies never go along.
    assert allowed("/api/v1/quotes") is None
    answer = client.get(f"/udf/{token}/time", headers={"Origin": "https://charts.example"})
    assert "Access-Control-Allow-Credentials" not in answer


def test_nothing_is_written_here(client, token):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"/udf/{token}/config").status_code == 405


def test_the_api_makes_lists_and_revokes_tokens(member):
    client = client_of(member.user)
    made = client.post("/api/v1/datafeed-tokens", {"name": " Big  screen "}, content_type="application/json")
    assert made.status_code == 201
    shape = made.json()
    assert (shape["name"], shape["url"].endswith(f"/udf/{shape['token']}")) == ("Big screen", True)
    assert client.get(f"/udf/{shape['token']}/config").status_code == 200
    listed = client.get("/api/v1/datafeed-tokens").json()["results"]
    assert [one["id"] for one in listed] == [shape["id"]]
    assert "token" not in listed[0]
    assert listed[0]["last_used_at"] is not None
    assert client.delete(f"/api/v1/datafeed-tokens/{shape['id']}").status_code == 204
    assert client.get("/api/v1/datafeed-tokens").json()["results"][0]["revoked_at"] is not None


def test_the_page_shows_a_new_token_once_and_asks_before_it_revokes(member):
    client = client_of(member.user)
    page = client.post("/datafeed/", {"name": "Screen"})
    assert "/udf/udf_" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    again = client.get("/datafeed/").content.decode()
    assert "Screen" in again
    assert "/udf/udf_" not in again
    with tenant_scope(member.organisation_id):
        kept = DatafeedToken.objects.get()
    assert "cannot be undone" in client.get(f"/datafeed/{kept.id}/revoke/").content.decode()
    assert client.post(f"/datafeed/{kept.id}/revoke/").status_code == 302
    assert "revoked" in client.get("/datafeed/").content.decode()
    assert client.post("/datafeed/", {"name": ""}).status_code == 422


def test_making_one_takes_a_recent_log_in(member):
    client = Client()
    client.force_login(member.user)
    answer = client.post("/api/v1/datafeed-tokens", {"name": "Screen"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")


def test_a_colleague_sees_no_token_of_mine_and_those_who_manage_members_may_revoke_it(member, token):
    with tenant_scope(member.organisation_id):
        kept = DatafeedToken.objects.get()
        colleague = actor_for(make_member(Role.ANALYST, member.organisation))
        with pytest.raises(NotFound):
            datafeed_token_revoke(actor=colleague, token_id=kept.id)
        datafeed_token_revoke(actor=actor_for(make_member(Role.ADMIN, member.organisation)), token_id=kept.id)
        kept.refresh_from_db()
    assert kept.revoked_at is not None


def test_a_name_is_needed_and_nobody_hoards_tokens(member):
    actor = actor_for(member)
    for name in ("", "   ", "x" * 81):
        with pytest.raises(InvalidInput):
            datafeed_token_create(actor=actor, name=name)
    with tenant_scope(member.organisation_id):
        for number in range(MOST_TOKENS):
            datafeed_token_create(actor=actor, name=f"Screen {number}")
        with pytest.raises(Conflict):
            datafeed_token_create(actor=actor, name="One more")


def test_a_token_cannot_make_another(token):
    with pytest.raises(PermissionDenied):
        datafeed_token_create(actor=datafeed_actor(token), name="Child")
