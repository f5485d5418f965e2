"""The triggers page: list, form of each kind, modify, cancel, alarm."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.orders.desk import Desk
from tests.orders.watch import create, held, hold, leg, price, status, tick
from trading.brokers.domain.terms import Side
from trading.orders.models import Trigger
from trading.portfolio.models import Position

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _market(desk: Desk) -> None:
    price(100)


@pytest.fixture
def client(desk: Desk) -> Client:
    client = Client(raise_request_exception=False)
    user = User.objects.get(pk=desk.trader.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def form(desk: Desk, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "account": str(desk.account.id),
        "symbol": "NSE:RELIANCE",
        "kind": kind,
        "side": "SELL",
        "quantity": 10,
        "product": "INTRADAY",
        "client_order_id": f"page-{kind}",
        **fields,
    }


KINDS = {
    "OCO": {"stop_at": "95", "target_at": "110"},
    "TRAILING": {"trail_by": "PERCENT", "trail_gap": "2"},
    "SINGLE": {"single_at": "95", "single_type": "LIMIT", "single_price": "94.5"},
    "BRACKET": {"side": "BUY", "entry_type": "MARKET", "stop_at": "95", "target_at": "110"},
    "COVER": {"side": "BUY", "entry_type": "LIMIT", "entry_price": "100", "trail_by": "POINTS", "trail_gap": "5"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_makes_each_kind(desk: Desk, client: Client, kind: str) -> None:
    hold(desk)
    answer = client.post("/triggers/new/", form(desk, kind, **KINDS[kind]), headers=HTMX)
    assert answer.status_code == 200, answer.content
    trigger = Trigger.objects.get()
    assert (trigger.kind, trigger.status, trigger.origin) == (kind, "ACTIVE", "MANUAL")
    assert str(trigger.id).encode() in answer.content
    assert client.post("/triggers/new/", form(desk, kind, **KINDS[kind])).status_code == 302
    assert Trigger.objects.count() == 1, "the same form twice is one trigger"


def test_the_chart_draws_what_a_trigger_waits_for(desk: Desk, client: Client) -> None:
    hold(desk)
    client.post("/triggers/new/", form(desk, "OCO", **KINDS["OCO"]))
    marks = client.get("/orders/marks/NSE:RELIANCE/").json()["triggers"]
    lines = {mark["role"]: (mark["label"], mark["side"], mark["quantity"], mark["may_modify"]) for mark in marks}
    assert lines == {"STOP": ("OCO stop", "SELL", 10, True), "TARGET": ("OCO target", "SELL", 10, True)}
    client.post(f"/triggers/{Trigger.objects.get().id}/cancel/")
    assert client.get("/orders/marks/NSE:RELIANCE/").json()["triggers"] == []


def test_a_resting_target_is_one_line_moved_by_its_trigger(desk: Desk, client: Client) -> None:
    client.post("/triggers/new/", form(desk, "BRACKET", **KINDS["BRACKET"]))
    marks = client.get("/orders/marks/NSE:RELIANCE/").json()
    assert [mark["label"] for mark in marks["triggers"]] == ["Bracket stop", "Bracket target"]
    assert marks["orders"] == []


def test_a_form_that_cannot_be_says_why_and_stays(desk: Desk, client: Client) -> None:
    hold(desk)
    inverted = client.post("/triggers/new/", form(desk, "OCO", stop_at="110", target_at="95"), headers=HTMX)
    assert inverted.status_code == 422
    assert b"the stop must lie below the target" in inverted.content
    empty = client.post("/triggers/new/", form(desk, "OCO"), headers=HTMX)
    assert b"Stop price: which price should it wait for?" in empty.content
    zero = client.post("/triggers/new/", form(desk, "TRAILING", trail_by="POINTS", trail_gap="0"))
    assert (zero.status_code, b"the gap must be more than nothing" in zero.content) == (422, True)
    assert not Trigger.objects.exists()


def test_protecting_a_position_starts_from_it(desk: Desk, client: Client) -> None:
    hold(desk, 7, side=Side.SELL)
    position = Position.objects.get()
    page = client.get(f"/triggers/new/?position={position.id}")
    assert b"short position of 7" in page.content
    assert b'name="side" value="BUY"' in page.content
    assert f"/triggers/new/?position={position.id}" in client.get("/positions/").content.decode()


def test_list_detail_modify_and_cancel(desk: Desk, client: Client) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110), note="careful")
    assert b"95.00" in client.get("/triggers/").content
    detail = client.get(f"/triggers/{trigger.id}/")
    assert b"careful" in detail.content
    assert client.get(f"/triggers/{trigger.id}/modify/").status_code == 200
    change = {"stop_at": "97", "target_at": "110", "quantity": "10", "note": "careful"}
    assert client.post(f"/triggers/{trigger.id}/modify/", change, headers=HTMX).status_code == 204
    tick("96.95")
    assert (held(desk), status(trigger)) == (0, "COMPLETED")
    refused = client.post(f"/triggers/{trigger.id}/modify/", change, headers=HTMX)
    assert (refused.status_code, b"completed already" in refused.content) == (422, True)
    assert b"RELIANCE" in client.get("/triggers/?view=history").content
    hold(desk)
    other = create(desk, "SINGLE", leg("SINGLE", 90))
    assert client.post(f"/triggers/{other.id}/cancel/", headers=HTMX).status_code == 204
    assert status(other) == "CANCELLED"
    create(desk, "SINGLE", leg("SINGLE", 90))
    assert client.post("/triggers/cancel-all/").status_code == 302


def test_an_alarm_is_on_every_screen_that_matters(desk: Desk, client: Client, settings: Settings) -> None:
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    tick(94)
    alarms = client.get("/triggers/alarms/", headers=HTMX).content.decode()
    assert "Nobody trades today." in alarms
    assert f"/triggers/{trigger.id}/" in alarms
    assert "Nobody trades today." in client.get("/triggers/?view=alarm").content.decode()
    for page in ("/", "/positions/", "/orders/"):
        assert "/triggers/alarms/" in client.get(page).content.decode()
