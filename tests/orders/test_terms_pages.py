"""Every kind of order and every modification by page and API: what is offered, sent, refused and told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import User
from core import clock
from core.tenancy import system_scope
from tests.factories import make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import OrderType
from trading.orders.models import Order
from trading.orders.paper.matcher import sweep
from trading.orders.services import order_submit

HTMX = {"HX-Request": "true"}
FRIDAY_EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=clock.IST)


def client_of(user_id: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def trader(desk: Desk) -> Client:
    return client_of(desk.trader.user_id)


def ticket(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "account": str(desk.account.id),
        "symbol": desk.instrument.key,
        "side": "BUY",
        "quantity": 10,
        "order_type": "MARKET",
        "product": "INTRADAY",
        "client_order_id": uuid4().hex,
        **changes,
    }


def waiting(desk: Desk, **terms: Any) -> Order:
    show_book()
    intent = desk.intent(order_type=OrderType.SL, trigger_price=Decimal(102), price=Decimal(103), **terms)
    order = order_submit(actor=desk.trader, intent=intent)
    assert order.status == "TRIGGER_PENDING"
    return order


def put(client: Client, order: Order, data: dict[str, Any]) -> Any:
    return client.put(f"/api/v1/orders/{order.id}", data, content_type="application/json")


def text_of(client: Client, address: str) -> str:
    return client.get(address, headers=HTMX).content.decode()


def test_the_ticket_offers_every_type_and_product(desk: Desk, trader: Client) -> None:
    show_book()
    page = text_of(trader, f"/orders/ticket/?symbol={desk.instrument.key}&side=BUY")
    for value in ("MARKET", "LIMIT", "SL", "SL_M", "INTRADAY", "DELIVERY", "MTF", "DAY", "IOC"):
        assert f'value="{value}"' in page
    # Nothing has a field for what it has no use for, and a fresh trigger is one that can wait.
    assert '<div class="field" data-when="SL SL_M" hidden>' in page
    assert 'name="trigger_price" inputmode="decimal" value="100.50"' in page
    assert "after_market" not in page.replace('data-unless="after_market"', "")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"order_type": "LIMIT", "price": "99.00", "trigger_price": "77"}, "OPEN"),
        ({"order_type": "SL", "price": "103", "trigger_price": "102"}, "TRIGGER_PENDING"),
        ({"order_type": "SL_M", "price": "1", "trigger_price": "102"}, "TRIGGER_PENDING"),
        ({"order_type": "LIMIT", "price": "99.00", "disclosed_quantity": "5"}, "OPEN"),
        ({"order_type": "MARKET", "product": "MTF"}, "FILLED"),
        ({"order_type": "MARKET", "validity": "IOC", "disclosed_quantity": "5"}, "FILLED"),
    ],
)
def test_the_ticket_sends_every_kind_of_order(
    desk: Desk, trader: Client, fields: dict[str, str], status: str
) -> None:
    show_book()
    preview = trader.post("/orders/preview/", ticket(desk, **fields), headers=HTMX).content.decode()
    assert 'id="ticket-submit">' in preview, preview
    answer = trader.post("/orders/submit/", ticket(desk, **fields), headers=HTMX)
    order = Order.objects.get()
    assert (order.status, answer.status_code) == (status, 200), order.status_message
    if status == "TRIGGER_PENDING":
        assert "Waiting for" in answer.content.decode()


def test_the_ticket_names_the_price_that_a_type_lacks(desk: Desk, trader: Client) -> None:
    show_book()
    answer = trader.post("/orders/preview/", ticket(desk, order_type="SL", price="103"), headers=HTMX)
    assert "SL orders need a trigger price." in answer.content.decode()


def test_a_closed_market_offers_the_next_session(desk: Desk, trader: Client, settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    try:
        clock.set_virtual(FRIDAY_EVENING, 1)
        show_book(at=clock.now().replace(microsecond=0))
        page = text_of(trader, f"/orders/ticket/?symbol={desk.instrument.key}&side=BUY")
        assert 'name="after_market" value="on" checked' in page
        assert "sent on Mon 23 Nov" in page
        fields = ticket(desk, after_market="on", product="DELIVERY")
        assert "Queue buy 10 at market" in trader.post("/orders/preview/", fields, headers=HTMX).content.decode()
        assert "Queued for 23 Nov 2026" in trader.post("/orders/submit/", fields, headers=HTMX).content.decode()
        order = Order.objects.get()
        assert f"/orders/{order.id}/modify/" in text_of(trader, "/orders/")
        answer = trader.post(f"/orders/{order.id}/modify/", {"quantity": 12}, headers=HTMX)
        assert answer.status_code == 204, answer.content
        order.refresh_from_db()
        assert (order.quantity, order.status_code) == (12, "after_market")
    finally:
        clock.clear_virtual()


def test_the_sheet_offers_what_the_state_allows(desk: Desk, trader: Client) -> None:
    order = waiting(desk)
    sheet = text_of(trader, f"/orders/{order.id}/modify/")
    assert all(f'name="order_type" value="{kind}"' in sheet for kind in OrderType)
    show_book(ltp="104.00", asks=(("104.00", 100),), at=datetime.now(UTC) + timedelta(seconds=2))
    with system_scope():
        sweep()
    triggered = text_of(trader, f"/orders/{order.id}/modify/")
    assert 'name="order_type" value="LIMIT" checked' in triggered
    assert 'name="order_type" value="SL_M"' not in triggered


def test_the_sheet_previews_a_change_and_carries_it_out(desk: Desk, trader: Client) -> None:
    order = waiting(desk)
    address = f"/orders/{order.id}/modify/"
    assert "Nothing is changed yet." in trader.post(f"{address}preview/", {}, headers=HTMX).content.decode()
    fields = {"trigger_price": "104", "price": "105", "quantity": 20, "disclosed_quantity": 5}
    preview = trader.post(f"{address}preview/", fields, headers=HTMX).content.decode()
    assert "Change to 20 from 104.00, at 105.00" in preview
    assert Order.objects.get().quantity == 10
    assert trader.post(address, fields, headers=HTMX).status_code == 204
    order.refresh_from_db()
    assert (order.quantity, order.trigger_price, order.price, order.disclosed_quantity) == (20, 104, 105, 5)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trigger_price": "99", "price": "99"}, "has reached the trigger"),
        ({"trigger_price": "104"}, "lies at or above its trigger price"),
        ({"disclosed_quantity": "11"}, "must be between 0 and the quantity"),
        ({"quantity": ""}, "Quantity"),
        ({}, "Nothing would change."),
    ],
)
def test_the_sheet_says_why_not(desk: Desk, trader: Client, fields: dict[str, str], reason: str) -> None:
    order = waiting(desk)
    answer = trader.post(f"/orders/{order.id}/modify/", fields, headers=HTMX)
    assert answer.status_code == 422
    assert reason in answer.content.decode()


def test_the_timeline_tells_what_happened_when_and_by_whom(desk: Desk, trader: Client) -> None:
    order = waiting(desk)
    put(trader, order, {"trigger_price": "102.50"})
    put(trader, order, {"trigger_price": "99.00", "price": "99.00"})
    trader.delete(f"/api/v1/orders/{order.id}")
    page = text_of(trader, f"/orders/{order.id}/")
    for words in (
        "Accepted",
        "Waits at the exchange for the last price to rise to 102.00.",
        "Trigger price 102.00 → 102.50",
        "has reached the trigger",
        "Cancelled on request.",
        desk.trader.label,
        "trigger_crossed",
    ):
        assert words in page, words


def test_the_chart_knows_the_lines_and_who_may_move_them(desk: Desk, trader: Client) -> None:
    order = waiting(desk)
    marks = trader.get(f"/orders/marks/{desk.instrument.key}/").json()["orders"]
    (line,) = marks
    assert (line["id"], Decimal(line["trigger_price"]), Decimal(line["price"])) == (str(order.id), 102, 103)
    assert line["may_modify"] is True


def test_a_viewer_may_not_modify_and_a_stranger_sees_nothing(desk: Desk) -> None:
    order = waiting(desk)
    viewer = client_of(make_member(Role.VIEWER, desk.organisation).user_id)
    outsider = client_of(make_desk(key="NSE:TCS").trader.user_id)
    for client, code in ((viewer, 403), (outsider, 404)):
        assert put(client, order, {"quantity": 5}).status_code == code
        api = client.post(f"/api/v1/orders/{order.id}/preview", {"quantity": 5}, content_type="application/json")
        assert api.status_code == code
        for address in ("modify/", "modify/preview/"):
            assert client.post(f"/orders/{order.id}/{address}", {"quantity": 5}).status_code == code


def test_every_term_is_modified_over_the_api(desk: Desk, trader: Client) -> None:
    order = waiting(desk)
    terms = {"quantity": 20, "trigger_price": "104.00", "price": "105.00", "disclosed_quantity": 4}
    changed = put(trader, order, terms).json()
    assert {name: changed[name] for name in terms} == terms
    plain = put(trader, order, {"order_type": "LIMIT", "price": "98.00"}).json()
    assert (plain["order_type"], plain["trigger_price"], plain["status"]) == ("LIMIT", None, "OPEN")
    back = put(trader, order, {"order_type": "SL_M", "trigger_price": "103.00"}).json()
    assert (back["order_type"], back["price"], back["status"]) == ("SL_M", None, "TRIGGER_PENDING")


def test_a_modification_is_tried_out_over_the_api(desk: Desk, trader: Client) -> None:
    order = waiting(desk)
    answer = trader.post(f"/api/v1/orders/{order.id}/preview", {"quantity": 30}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["position_after"] == 30
    assert Order.objects.get().quantity == 10


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"trigger_price": "99.00", "price": "99.00"}, 422, "trigger_crossed"),
        ({"trigger_price": "104.00"}, 400, "stop_price_inverted"),
        ({"trigger_price": "102.01"}, 400, "price_off_tick"),
        ({"trigger_price": "NaN"}, 400, "invalid_input"),
        ({"order_type": "SL_M", "price": "103.00"}, 400, "price_not_allowed"),
        ({"order_type": "MARKET", "trigger_price": "103.00"}, 400, "trigger_price_not_allowed"),
        ({"order_type": "SWAP"}, 400, "invalid_input"),
        ({"disclosed_quantity": 11}, 400, "invalid_disclosed_quantity"),
        ({"disclosed_quantity": -1}, 400, "invalid_disclosed_quantity"),
        ({"quantity": 0}, 400, "invalid_quantity"),
        ({"quantity": True}, 400, "invalid_input"),
    ],
)
def test_an_illegal_modification_has_its_own_code(
    desk: Desk, trader: Client, data: dict[str, Any], status: int, code: str
) -> None:
    order = waiting(desk)
    answer = put(trader, order, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert Order.objects.get().quantity == 10
