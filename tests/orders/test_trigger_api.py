"""Triggers over REST and on the socket's stream."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.models import StreamEvent
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk
from tests.orders.watch import create, hold, leg, price, tick

URL = "/api/v1/triggers"


@pytest.fixture(autouse=True)
def _market(desk: Desk) -> None:
    price(100)


@pytest.fixture
def client(desk: Desk) -> Client:
    return client_of(desk)


def client_of(desk: Desk) -> Client:
    client = Client(raise_request_exception=False)
    user = User.objects.get(pk=desk.trader.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def body(desk: Desk, kind: str = "OCO", *legs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    guards = legs or ({"role": "STOP", "trigger_price": "95.00"}, {"role": "TARGET", "trigger_price": "110.00"})
    return {
        "account": str(desk.account.id),
        "symbol": "NSE:RELIANCE",
        "kind": kind,
        "side": "SELL",
        "quantity": 10,
        "product": "INTRADAY",
        "legs": list(guards),
        **changes,
    }


def post(client: Client, data: dict[str, Any], **headers: str) -> Any:
    return client.post(URL, data, content_type="application/json", headers=headers)


def test_a_trigger_is_made_read_changed_and_ended(desk: Desk, client: Client) -> None:
    hold(desk)
    made = post(client, body(desk, note="half the gain"), **{"Idempotency-Key": "guard-1"})
    assert made.status_code == 201, made.content
    trigger = made.json()
    assert (trigger["status"], trigger["remaining_quantity"], trigger["origin"]) == ("ACTIVE", 10, "API")
    assert [(each["role"], each["direction"], each["trigger_price"]) for each in trigger["legs"]] == [
        ("TARGET", "ABOVE", "110.00"),
        ("STOP", "BELOW", "95.00"),
    ]
    again = post(client, body(desk, note="half the gain"), **{"Idempotency-Key": "guard-1"})
    assert again.json()["id"] == trigger["id"]
    assert post(client, body(desk, quantity=5), **{"Idempotency-Key": "guard-1"}).status_code == 422

    one = f"{URL}/{trigger['id']}"
    moved = client.put(one, {"legs": [{"role": "STOP", "trigger_price": "97.00"}]}, content_type="application/json")
    assert moved.json()["legs"][1]["trigger_price"] == "97.00", moved.content
    assert client.get(one).json() == moved.json()
    assert [found["id"] for found in client.get(f"{URL}?status=active&kind=oco").json()["results"]] == [
        trigger["id"]
    ]
    assert client.get(f"{URL}?status=completed").json()["results"] == []
    assert client.get(f"{URL}?status=nonsense").status_code == 400

    assert client.delete(one).json()["status"] == "CANCELLED"
    again = client.delete(one)
    assert (again.status_code, again.json()["code"]) == (409, "trigger_final")
    late = client.put(one, {"quantity": 5}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "trigger_final")
    assert [event["type"] for event in client.get(f"{one}/events").json()] == ["CREATED", "MODIFIED", "CANCELLED"]


STOP, TARGET = {"role": "STOP", "trigger_price": "95.00"}, {"role": "TARGET", "trigger_price": "110.00"}
BAD: dict[str, dict[str, Any]] = {
    "oco_legs_inverted": {"legs": [{**STOP, "trigger_price": "111.00"}, {**TARGET, "trigger_price": "95.00"}]},
    "trigger_crossed": {"legs": [{**STOP, "trigger_price": "100.05"}, TARGET]},
    "trigger_beyond_band": {"legs": [{**STOP, "trigger_price": "20.00"}, TARGET]},
    "trail_gap_zero": {"kind": "TRAILING", "legs": [{"role": "STOP", "trail_points": "0"}]},
    "trigger_legs_wrong": {"legs": [STOP]},
    "price_off_tick": {"legs": [{**STOP, "trigger_price": "95.01"}, TARGET]},
    "expiry_in_past": {"expires_on": "2020-01-01"},
    "expiry_too_far": {"expires_on": "2090-01-01"},
    "invalid_quantity": {"quantity": 0},
    "product_not_allowed": {"product": "NORMAL"},
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_be_is_told_with_its_own_code_and_writes_nothing(desk: Desk, client: Client, code: str) -> None:
    hold(desk)
    answer = post(client, {**body(desk), **BAD[code]})
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert answer.json()["errors"]
    assert client.get(URL).json()["results"] == []


def test_nothing_to_protect_is_a_conflict(desk: Desk, client: Client) -> None:
    answer = post(client, body(desk))
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_protect")


@pytest.mark.parametrize(
    "garbage",
    [
        {"legs": "x"},
        {"legs": []},
        {"legs": [{"role": "NOBODY"}]},
        {"legs": [{"role": "STOP", "trigger_price": "NaN"}]},
        {"quantity": 1.5},
        {"quantity": True},
        {"expires_on": "tomorrow"},
        {"kind": None},
        {"note": "x" * 500},
        {"account": "me"},
    ],
    ids=str,
)
def test_garbage_is_a_bad_request(desk: Desk, client: Client, garbage: dict[str, Any]) -> None:
    answer = post(client, {**body(desk), **garbage})
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_strangers_find_nothing(desk: Desk, client: Client) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    stranger = make_desk(key="NSE:TCS")
    with tenant_scope(stranger.organisation.id):
        other = client_of(stranger)
        one = f"{URL}/{trigger.id}"
        for answer in (
            other.get(one),
            other.get(f"{one}/events"),
            other.put(one, {"quantity": 1}, content_type="application/json"),
            other.delete(one),
            post(other, body(desk)),
        ):
            assert answer.status_code == 404, answer.content
        assert other.get(URL).json()["results"] == []


def test_every_change_is_told_on_the_accounts_stream(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    tick(94)
    with system_scope():
        told = StreamEvent.objects.filter(stream=f"orders:{desk.account.id}", name="trigger_update").order_by("seq")
        states = [event.data["status"] for event in told if event.data["id"] == str(trigger.id)]
    assert states == ["ACTIVE", "ACTIVE", "COMPLETED"]


def test_cancel_all_ends_them_and_says_which(desk: Desk, client: Client) -> None:
    hold(desk)
    create(desk, "SINGLE", leg("SINGLE", 95))
    create(desk, "SINGLE", leg("SINGLE", 94))
    answer = client.post(f"{URL}/cancel-all", {"account": str(desk.account.id)}, content_type="application/json")
    assert [trigger["status"] for trigger in answer.json()["cancelled"]] == ["CANCELLED", "CANCELLED"]
