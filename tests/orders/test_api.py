"""The orders API: shapes, filters, keys and bad input."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side
from trading.orders.models import Order
from trading.orders.services import order_submit
from trading.portfolio.models import Position


def client_of(desk: Desk) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(pk=desk.trader.user_id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


@pytest.fixture
def client(desk: Desk) -> Client:
    return client_of(desk)


def body(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "account": str(desk.account.id),
        "symbol": desk.instrument.key,
        "side": "BUY",
        "quantity": 10,
        "order_type": "MARKET",
        "product": "INTRADAY",
        **changes,
    }


def post(client: Client, data: Any, path: str = "orders", **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", data, content_type="application/json", headers=headers)


def test_order_is_placed_read_listed_and_its_trade_shown(desk: Desk, client: Client) -> None:
    show_book()
    placed = post(client, body(desk, client_order_id="first"))
    assert placed.status_code == 201, placed.content
    order = placed.json()
    assert (order["status"], order["average_price"], order["symbol"]) == ("FILLED", "100.00", "NSE:RELIANCE")
    assert client.get(f"/api/v1/orders/{order['id']}").json() == order
    assert client.get("/api/v1/orders?status=FILLED&symbol=NSE:RELIANCE").json()["results"] == [order]
    assert client.get("/api/v1/orders?status=OPEN,CANCELLED").json()["results"] == []
    assert client.get("/api/v1/orders?to=2020-01-01T00:00:00Z").json()["results"] == []
    trade = client.get(f"/api/v1/trades?order={order['id']}").json()["results"][0]
    assert (trade["price"], trade["quantity"], trade["charges"]["total"]) == ("100.00", 10, order["charges"])
    events = client.get(f"/api/v1/orders/{order['id']}/events").json()
    assert [event["type"] for event in events] == ["ACCEPTED", "ROUTED", "OPENED", "TRADED"]


def test_refused_order_answers_201_with_its_reason(desk: Desk, client: Client, settings) -> None:
    show_book()
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    placed = post(client, body(desk))
    assert placed.status_code == 201
    assert placed.json()["status"] == "REJECTED"
    assert placed.json()["status_reason"] == {"code": "desk_closed", "message": "Nobody trades today."}


def test_idempotency_key_is_the_client_order_id(desk: Desk, client: Client) -> None:
    show_book()
    first = post(client, body(desk), **{"Idempotency-Key": "key-1"})
    again = post(client, body(desk, client_order_id="key-1"))
    assert (first.json()["id"], first.json()["client_order_id"]) == (again.json()["id"], "key-1")
    differ = post(client, body(desk, client_order_id="key-2"), **{"Idempotency-Key": "key-1"})
    assert (differ.status_code, differ.json()["code"]) == (400, "idempotency_key_differs")
    other = post(client, body(desk, quantity=11), **{"Idempotency-Key": "key-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": "NaN"},
        {"quantity": 1.5},
        {"quantity": True},
        {"quantity": "1e3"},
        {"quantity": -1},
        {"quantity": 10**30},
        {"order_type": "LIMIT", "price": "NaN"},
        {"order_type": "LIMIT", "price": "Infinity"},
        {"order_type": "LIMIT", "price": "1e999999"},
        {"order_type": "LIMIT", "price": 1e300},
        {"order_type": "LIMIT", "price": "-100"},
        {"order_type": "LIMIT", "price": "१००"},
        {"order_type": "LIMIT", "price": "100.00001"},
        {"order_type": "LIMIT", "price": "9" * 400},
        {"order_type": "LIMIT"},
        {"order_type": "SWAP"},
        {"account": "me"},
        {"symbol": "NSE:REL\u0000"},
        {"side": None},
        {"client_order_id": "x" * 65},
    ],
)
def test_bad_values_are_named_in_a_400_and_write_nothing(
    desk: Desk, client: Client, changes: dict[str, Any]
) -> None:
    show_book()
    answer = post(client, body(desk, **changes))
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"]
    assert not Order.objects.exists()


DEEP = pytest.param('{"a": ' * 50_000, id="deep")


@pytest.mark.parametrize("raw", ["{", "[]", "null", '{"quantity": NaN}', DEEP])
def test_broken_json_is_a_400(desk: Desk, client: Client, raw: str) -> None:
    assert post(client, raw).status_code == 400


def test_unknown_symbol_is_404(desk: Desk, client: Client) -> None:
    answer = post(client, body(desk, symbol="NSE:NOSUCH"))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_symbol")


def test_resting_order_is_modified_and_cancelled(desk: Desk, client: Client) -> None:
    show_book()
    order = post(client, body(desk, order_type="LIMIT", price="99.00")).json()
    path = f"/api/v1/orders/{order['id']}"
    changed = client.put(path, {"price": 99.5, "quantity": 12}, content_type="application/json").json()
    assert (changed["price"], changed["quantity"], changed["status"]) == ("99.50", 12, "OPEN")
    assert client.delete(path).json()["status"] == "CANCELLED"
    again = client.delete(path)
    assert (again.status_code, again.json()["code"]) == (409, "order_cancelled")
    late = client.put(path, {"price": "99.00"}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "order_cancelled")


def test_preview_tells_cost_verdict_impact_and_writes_nothing(desk: Desk, client: Client) -> None:
    show_book(asks=(("100.00", 6), ("100.50", 10)))
    preview = post(client, body(desk), "orders/preview").json()
    assert preview["risk"]["allowed"] is True
    assert preview["impact"] == {
        "quantity": 10,
        "expected_price": "100.20",
        "slippage": "0.20",
        "slippage_bps": "20.00",
        "cost_bps": "22.51",
        "worst_price": "100.50",
        "beyond_quantity": 0,
        "book": "TWO_SIDED",
    }
    assert float(preview["margin"]) > 0
    assert float(preview["charges"]["total"]) > 0
    assert preview["position_after"] == 10
    assert not Order.objects.exists()


def test_preview_says_how_much_is_beyond_the_shown_book_and_prices_only_what_is_shown(
    desk: Desk, client: Client
) -> None:
    show_book(bids=(), asks=(("100.00", 6),))
    impact = post(client, body(desk), "orders/preview").json()["impact"]
    assert (impact["quantity"], impact["beyond_quantity"], impact["expected_price"]) == (6, 4, "100.00")
    assert (impact["book"], impact["cost_bps"]) == ("ASKS_ONLY", None)


def test_position_is_closed_once(desk: Desk, client: Client) -> None:
    show_book(bids=(("99.95", 4),))
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    path = f"positions/{Position.objects.get().id}/close"
    closing = post(client, {}, path, **{"Idempotency-Key": "out"}).json()
    assert (closing["side"], closing["quantity"], closing["filled_quantity"]) == ("SELL", 10, 4)
    assert post(client, {}, path, **{"Idempotency-Key": "out"}).json()["id"] == closing["id"]
    second = post(client, {}, path)
    assert (second.status_code, second.json()["code"]) == (409, "close_in_flight")


def test_cancel_all_leaves_nothing_live(desk: Desk, client: Client) -> None:
    show_book()
    for price in ("99.00", "98.00"):
        order_submit(actor=desk.trader, intent=desk.intent(Side.BUY, 5, price=price))
    answer = post(client, {"account": str(desk.account.id)}, "orders/cancel-all").json()
    assert {order["status"] for order in answer["cancelled"]} == {"CANCELLED"}
    assert len(answer["cancelled"]) == 2


def test_outsider_sees_and_touches_nothing(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))
    outsider = client_of(make_desk(key="NSE:TCS"))
    path = f"/api/v1/orders/{order.id}"
    assert outsider.get(path).status_code == 404
    assert outsider.get(f"{path}/events").status_code == 404
    assert outsider.put(path, {"price": "1.00"}, content_type="application/json").status_code == 404
    assert outsider.delete(path).status_code == 404
    assert outsider.get("/api/v1/orders").json()["results"] == []
    assert post(outsider, body(desk)).status_code == 404
    assert post(outsider, {"account": str(desk.account.id)}, "orders/cancel-all").status_code == 404
    assert post(outsider, {}, f"positions/{uuid4()}/close").status_code == 404
    assert Client().get(path).status_code == 401
