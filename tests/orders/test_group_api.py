"""Groups over REST: what is asked in JSON, answered leg by leg, and refused by its own code."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from accounts.models import User
from core import clock
from core.tenancy import tenant_scope
from tests.factories import make_account, make_instrument, make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.instruments.models import Instrument
from trading.instruments.process_cache import forget_reference_data
from trading.orders.models import Order

Body = dict[str, Any]


@pytest.fixture
def trader(desk: Desk) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=desk.trader.user_id))
    show_book()
    return client


def send(client: Client, path: str, body: Body, expected: int = 201, key: str = "") -> Body:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code == expected, answer.content
    found: Body = answer.json()
    return found


def leg(side: str = "BUY", **changes: object) -> Body:
    return {"symbol": "NSE:RELIANCE", "side": side, "quantity": 10, "product": "INTRADAY", **changes}


def basket(desk: Desk, *legs: Body, **changes: object) -> Body:
    return {"account": str(desk.account.id), "legs": list(legs), **changes}


def test_a_basket_is_placed_read_listed_and_cancelled(desk: Desk, trader: Client) -> None:
    body = basket(desk, leg(), leg(order_type="LIMIT", price="90.00"), name="Pair")
    group = send(trader, "orders/basket", body, key="k1")
    assert [each["status"] for each in group["legs"]] == ["FILLED", "WORKING"]
    assert send(trader, "orders/basket", body, key="k1") == group
    assert trader.get(f"/api/v1/order-groups/{group['id']}").json() == group
    assert trader.get("/api/v1/order-groups?live=true&kind=BASKET").json()["results"] == [group]
    assert trader.get(f"/api/v1/orders/{group['legs'][0]['orders'][0]['id']}").json()["group"] == group["id"]
    cancelled = trader.delete(f"/api/v1/order-groups/{group['id']}").json()
    assert [each["status"] for each in cancelled["legs"]] == ["FILLED", "CANCELLED"]
    again = trader.delete(f"/api/v1/order-groups/{group['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "group_partial")
    assert trader.get("/api/v1/order-groups?live=true").json()["results"] == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"legs": []}, 400, "no_legs"),
        ({"legs": [leg()] * 51}, 400, "too_many_legs"),
        ({"legs": [leg(quantity=None)]}, 400, "invalid_input"),
        ({"legs": [leg(lots=1)]}, 400, "invalid_input"),
        ({"legs": [leg(quantity=1.5)]}, 400, "invalid_input"),
        ({"legs": [leg(side="HOLD")]}, 400, "invalid_input"),
        ({"legs": "all"}, 400, "invalid_input"),
        ({"client_order_id": "x" * 60}, 400, "invalid_client_order_id"),
        ({"account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10"}, 404, "unknown_account"),
    ],
)
def test_a_basket_of_another_shape_is_refused(
    desk: Desk, trader: Client, changes: Body, status: int, code: str
) -> None:
    answer = send(trader, "orders/basket", {**basket(desk, leg()), **changes}, status)
    assert answer["code"] == code


def test_the_same_key_for_another_basket_is_told_apart(desk: Desk, trader: Client) -> None:
    send(trader, "orders/basket", basket(desk, leg()), key="k")
    assert send(trader, "orders/basket", basket(desk, leg("SELL")), 422, "k")["code"] == "idempotency_mismatch"
    differs = send(trader, "orders/basket", basket(desk, leg(), client_order_id="other"), 400, "k")
    assert differs["code"] == "idempotency_key_differs"


def test_a_preview_of_a_basket_writes_nothing_and_judges_each_leg(desk: Desk, trader: Client) -> None:
    body = basket(desk, leg(), leg(quantity=9_000_000), leg(symbol="NSE:NOSUCH"))
    preview = send(trader, "orders/basket/preview", body, 200)
    assert preview["risk"]["allowed"] is False
    assert preview["risk"]["code"] == "insufficient_funds"
    assert [each["allowed"] for each in preview["legs"]] == [True, True, False]
    assert preview["legs"][2]["status_reason"]["code"] == "unknown_symbol"
    assert Decimal(preview["charges"]["total"]) > 0
    affordable = send(trader, "orders/basket/preview", basket(desk, leg(), leg(symbol="NSE:NOSUCH")), 200)
    assert (affordable["risk"]["allowed"], affordable["risk"]["code"]) == (False, "leg_refused")
    assert affordable["risk"]["message"].startswith("Leg 2: ")
    assert trader.get("/api/v1/order-groups").json()["results"] == []
    assert trader.get("/api/v1/orders").json()["results"] == []


@pytest.fixture
def frozen(desk: Desk) -> None:
    Instrument.objects.filter(id=desk.instrument.id).update(freeze_quantity=1_000)
    forget_reference_data()


@pytest.mark.usefixtures("frozen")
def test_an_order_is_sliced_only_when_asked(desk: Desk, trader: Client) -> None:
    body = leg(account=str(desk.account.id), quantity=2_500, order_type="LIMIT", price="90.00")
    assert send(trader, "orders", body, 400)["code"] == "above_freeze_quantity"
    order = send(trader, "orders", {**body, "autoslice": True}, key="big")
    assert (order["quantity"], order["client_order_id"]) == (1_000, "big")
    assert [each["quantity"] for each in order["slices"]] == [1_000, 1_000, 500]
    assert {each["group"] for each in order["slices"]} == {order["group"]}
    assert send(trader, "orders", {**body, "autoslice": True}, key="big") == order
    preview = send(trader, "orders/preview", {**body, "autoslice": True}, 200)
    assert preview["risk"]["allowed"] is True


def test_a_target_is_reached_once(desk: Desk, trader: Client) -> None:
    body = {
        "account": str(desk.account.id),
        "symbol": "NSE:RELIANCE",
        "product": "INTRADAY",
        "target_quantity": -30,
    }
    first = send(trader, "orders/target", body, key="t")
    assert (first["order"]["side"], first["order"]["quantity"], first["order"]["status"]) == ("SELL", 30, "FILLED")
    assert send(trader, "orders/target", body, key="t") == first
    nothing = send(trader, "orders/target", body)
    assert (nothing["order"], nothing["position_quantity"]) == (None, -30)
    assert nothing["message"].startswith("Nothing to send")


def test_a_target_off_the_lot_is_refused(desk: Desk, trader: Client) -> None:
    future = make_instrument("NFO:NIFTY26NOVFUT", expiry="2099-11-24", lot_size=65)
    show_book(key=future.key)
    body = {"account": str(desk.account.id), "symbol": future.key, "product": "NORMAL", "target_quantity": 66}
    assert send(trader, "orders/target", body, 400)["code"] == "not_a_lot_multiple"


# Options


@pytest.fixture
def chain(trader: Client) -> date:
    """NIFTY at 24,110 with five strikes of one expiry this week and one next week."""
    today = clock.trading_date()
    near, far = today + timedelta(days=2), today + timedelta(days=9)
    make_instrument("NSE:NIFTY", instrument_type="INDEX")
    show_book(key="NSE:NIFTY", ltp="24110.00", bids=(), asks=())
    for expiry, code in ((near, "26NOV10W"), (far, "26NOV17W")):
        for strike in (24000, 24100, 24200, 24300, 24400):
            for right in ("CE", "PE"):
                option = make_instrument(
                    f"NFO:NIFTY{code}{strike}{right}", expiry=expiry, lot_size=65, freeze_quantity=1800
                )
                show_book(key=option.key)
    return near


def option(desk: Desk, **changes: object) -> Body:
    return {
        "account": str(desk.account.id),
        "underlying": "nifty",
        "expiry": "current_week",
        "option_type": "CE",
        "offset": "OTM1",
        "side": "BUY",
        "lots": 2,
        **changes,
    }


def test_an_option_is_found_by_its_offset(desk: Desk, trader: Client, chain: date) -> None:
    order = send(trader, "orders/options", option(desk), key="o")
    assert (order["symbol"], order["quantity"], order["status"]) == ("NFO:NIFTY26NOV10W24200CE", 130, "FILLED")
    show_book(key="NSE:NIFTY", ltp="24190.00", bids=(), asks=())
    assert send(trader, "orders/options", option(desk), key="o") == order
    group = trader.get(f"/api/v1/order-groups/{order['group']}").json()
    assert group["legs"][0]["found"]["reference_price"] == "24110.00"
    by_date = send(trader, "orders/options", option(desk, expiry=str(chain), option_type="PE", offset="ITM2"))
    assert by_date["symbol"] == "NFO:NIFTY26NOV10W24400PE"
    by_strike = option(desk, strike="24000.00")
    del by_strike["offset"]
    next_week = send(trader, "orders/options", {**by_strike, "expiry": "next_week"})
    assert next_week["symbol"] == "NFO:NIFTY26NOV17W24000CE"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"expiry": "2026-01-01"}, 404, "no_such_expiry"),
        ({"expiry": "someday"}, 400, "invalid_input"),
        ({"offset": "OTM9"}, 404, "no_such_strike"),
        ({"offset": "FAR"}, 400, "invalid_input"),
        ({"offset": None}, 400, "invalid_input"),
        ({"offset": None, "strike": "24050"}, 404, "no_such_strike"),
        ({"underlying": "NOSUCH"}, 404, "unknown_underlying"),
        ({"exchange": "NSE"}, 400, "invalid_input"),
        ({"reference": "future"}, 422, "no_underlying_price"),
    ],
)
def test_an_option_that_is_not_there_says_what_is_missing(
    desk: Desk, trader: Client, chain: date, changes: Body, status: int, code: str
) -> None:
    body = {name: value for name, value in option(desk, **changes).items() if value is not None}
    assert send(trader, "orders/options", body, status)["code"] == code


def test_a_stale_price_is_no_price_to_count_strikes_from(desk: Desk, trader: Client, chain: date) -> None:
    show_book(key="NSE:NIFTY", ltp="24110.00", bids=(), asks=(), age=timedelta(minutes=5))
    assert send(trader, "orders/options", option(desk), 422)["code"] == "no_underlying_price"


def test_a_multi_leg_order_reports_each_leg(desk: Desk, trader: Client, chain: date) -> None:
    legs = [
        {"side": "SELL", "lots": 1, "option_type": "CE", "offset": "OTM1"},
        {"side": "BUY", "lots": 1, "option_type": "CE", "offset": "OTM2"},
        {"side": "BUY", "lots": 1, "option_type": "CE", "offset": "OTM9"},
        {"side": "BUY", "quantity": 65, "symbol": "NFO:NIFTY26NOV10W24000PE"},
    ]
    body = basket(desk, *legs, underlying="NIFTY", expiry="current_week", name="Spread")
    preview = send(trader, "orders/multi-leg/preview", body, 200)
    assert [each["symbol"] for each in preview["legs"]][:2] == [
        "NFO:NIFTY26NOV10W24200CE",
        "NFO:NIFTY26NOV10W24300CE",
    ]
    whole = send(trader, "orders/multi-leg", body)
    assert (whole["all_or_nothing"], whole["status"]) == (True, "REFUSED"), "a hedge without its half is not placed"
    assert not Order.objects.exists()
    each = {**body, "all_or_nothing": False, "client_order_id": "each-for-itself"}
    group = send(trader, "orders/multi-leg", each)
    reasons = [each["status_reason"] and each["status_reason"]["code"] for each in group["legs"]]
    assert reasons == [None, None, "no_such_strike", None]
    assert group["kind"] == "MULTI_LEG"


@pytest.mark.parametrize(
    "changes",
    [
        {"underlying": ""},
        {"expiry": None},
        {"legs": [{"side": "BUY", "lots": 1, "offset": "ATM"}]},
        {"legs": [{"side": "BUY", "lots": 1, "offset": "ATM", "strike": "24000", "option_type": "CE"}]},
        {"legs": [{"side": "BUY", "lots": 1}]},
    ],
)
def test_a_multi_leg_order_of_another_shape_is_refused(desk: Desk, trader: Client, changes: Body) -> None:
    legs = [{"side": "BUY", "lots": 1, "offset": "ATM", "option_type": "CE"}]
    body = {**basket(desk, *legs, underlying="NIFTY", expiry="current_week"), **changes}
    body = {name: value for name, value in body.items() if value is not None}
    assert send(trader, "orders/multi-leg", body, 400)["code"] == "invalid_input"


# Positions


def test_positions_are_closed_in_part_converted_and_all_at_once(desk: Desk, trader: Client) -> None:
    send(trader, "orders", leg(account=str(desk.account.id), quantity=100, order_type="MARKET"))
    (position,) = trader.get("/api/v1/positions").json()["results"]
    part = send(trader, f"positions/{position['id']}/close", {"quantity": 30})
    assert (part["quantity"], len(part["slices"])) == (30, 1)
    assert send(trader, f"positions/{position['id']}/close", {"quantity": 71}, 400)["code"] == "invalid_quantity"
    moved = send(trader, f"positions/{position['id']}/convert", {"product": "DELIVERY", "quantity": 20}, 200)
    assert (moved["quantity"], moved["converted_quantity"], moved["product"]) == (50, 20, "DELIVERY")
    wrong = send(trader, f"positions/{position['id']}/convert", {"product": "NORMAL"}, 400)
    assert wrong["code"] == "conversion_not_allowed"
    closed = send(trader, "positions/close-all", {"product": "INTRADAY"}, 200)
    assert [each["order"]["quantity"] for each in closed["positions"]] == [50]


def test_orders_are_cancelled_by_symbol(desk: Desk, trader: Client) -> None:
    send(trader, "orders", leg(account=str(desk.account.id), order_type="LIMIT", price="90.00"))
    answer = send(trader, "orders/cancel-all", {"symbol": "NSE:RELIANCE", "strategy": "other"}, 200)
    assert answer == {"cancelled": [], "refused": []}
    answer = send(trader, "orders/cancel-all", {"symbol": "NSE:RELIANCE"}, 200)
    assert [each["status"] for each in answer["cancelled"]] == ["CANCELLED"]


# Kept baskets


def test_a_basket_is_kept_changed_and_forgotten(desk: Desk, trader: Client) -> None:
    row = {"symbol": "NSE:RELIANCE", "side": "BUY", "quantity": 5, "product": "INTRADAY"}
    kept = send(trader, "baskets", {"name": "Mine", "rows": [row]})
    assert send(trader, "baskets", {"name": "mine", "rows": [row]}, 409)["code"] == "basket_name_taken"
    assert send(trader, "baskets", {"name": "None", "rows": []}, 400)["code"] == "no_legs"
    assert (
        send(trader, "baskets", {"name": "B", "rows": [{**row, "symbol": "NSE:X"}]}, 400)["code"]
        == "unknown_symbol"
    )
    changed = trader.put(
        f"/api/v1/baskets/{kept['id']}",
        {"name": "Mine", "rows": [row, {**row, "side": "SELL"}]},
        content_type="application/json",
    ).json()
    assert [each["side"] for each in changed["rows"]] == ["BUY", "SELL"]
    assert [each["name"] for each in trader.get("/api/v1/baskets").json()] == ["Mine"]
    assert trader.delete(f"/api/v1/baskets/{kept['id']}").status_code == 204
    assert trader.get(f"/api/v1/baskets/{kept['id']}").status_code == 404


# Outsiders


def test_a_strangers_groups_and_positions_are_not_found(desk: Desk, trader: Client) -> None:
    group = send(trader, "orders/basket", basket(desk, leg(order_type="LIMIT", price="90.00")))
    kept = send(
        trader,
        "baskets",
        {"name": "M", "rows": [{"symbol": "NSE:RELIANCE", "side": "BUY", "quantity": 5, "product": "INTRADAY"}]},
    )
    stranger = Client()
    stranger.force_login(User.objects.get(id=make_desk().trader.user_id))
    colleague = Client()
    colleague.force_login(make_member(Role.TRADER, desk.organisation).user)
    for client in (stranger, colleague):
        assert client.get(f"/api/v1/order-groups/{group['id']}").status_code == 404
        assert client.delete(f"/api/v1/order-groups/{group['id']}").status_code == 404
        assert client.get(f"/api/v1/baskets/{kept['id']}").status_code == 404
        assert client.get("/api/v1/order-groups").json()["results"] == []
        assert send(client, "orders/basket", basket(desk, leg()), 404)["code"] == "unknown_account"
        assert (
            send(client, "positions/close-all", {"account": str(desk.account.id)}, 404)["code"] == "unknown_account"
        )


def test_who_may_not_trade_is_forbidden(desk: Desk, settings: Settings) -> None:
    viewer = Client()
    member = make_member(Role.RISK_MANAGER, desk.organisation)
    with tenant_scope(desk.organisation.id):
        make_account(member)
    viewer.force_login(member.user)
    for path in ("orders/basket", "orders/multi-leg", "orders/options", "orders/target", "positions/close-all"):
        assert send(viewer, path, {}, 403)["code"] == "permission_denied"
