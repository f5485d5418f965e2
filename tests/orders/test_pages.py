"""The order pages: what they show, whom they let act, and what a stranger sees of them."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import Membership, User
from tests.factories import make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.orders.models import Order
from trading.orders.services import order_submit

HTMX = {"HX-Request": "true"}


def client_of(user_id: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def trader(desk: Desk) -> Client:
    return client_of(desk.trader.user_id)


@pytest.fixture
def viewer(desk: Desk) -> Client:
    member: Membership = make_member(Role.VIEWER, desk.organisation)
    return client_of(member.user_id)


@pytest.fixture
def outsider(db: None) -> Client:
    return client_of(make_desk(key="NSE:TCS").trader.user_id)


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


def resting(desk: Desk) -> Order:
    show_book()
    return order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))


def test_the_ticket_offers_the_best_price_and_names_the_account_paper(desk: Desk, trader: Client) -> None:
    show_book(asks=(("101.25", 10),))

    page = trader.get("/orders/ticket/?symbol=NSE:RELIANCE&side=BUY", headers=HTMX).content.decode()

    assert 'value="101.25"' in page
    assert "PAPER" in page


def test_the_preview_shows_charges_and_an_order_that_may_be_sent(desk: Desk, trader: Client) -> None:
    show_book()

    page = trader.post("/orders/preview/", ticket(desk), headers=HTMX).content.decode()

    assert "Buy 10 at market" in page
    assert "Securities transaction tax" in page
    assert not Order.objects.exists()


def test_a_refused_preview_has_no_button_to_press(desk: Desk, trader: Client, settings: Any) -> None:
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    show_book()

    page = trader.post("/orders/preview/", ticket(desk), headers=HTMX).content.decode()

    assert "Nobody trades today." in page
    assert "disabled" in page


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"quantity": ""}, "Quantity"),
        ({"quantity": "ten"}, "Quantity"),
        ({"order_type": "LIMIT", "price": ""}, "Price"),
        ({"order_type": "LIMIT", "price": "NaN"}, "Price"),
        ({"symbol": "NSE:NOSUCH"}, "NOSUCH"),
    ],
)
def test_a_malformed_ticket_is_told_so_and_nothing_is_sent(
    desk: Desk, trader: Client, changes: dict[str, Any], word: str
) -> None:
    show_book()

    preview = trader.post("/orders/preview/", ticket(desk, **changes), headers=HTMX)
    submitted = trader.post("/orders/submit/", ticket(desk, **changes), headers=HTMX)

    assert word in preview.content.decode()
    assert submitted.status_code == 204
    assert "Nothing was sent" in submitted.headers["HX-Trigger"]
    assert not Order.objects.exists()


def test_a_submitted_ticket_shows_the_orders_true_state(desk: Desk, trader: Client) -> None:
    show_book()

    page = trader.post("/orders/submit/", ticket(desk), headers=HTMX).content.decode()

    order = Order.objects.get()
    assert "Bought 10 RELIANCE at 100.00" in page
    assert f"/orders/{order.id}/" in page


def test_the_same_ticket_sent_twice_is_one_order(desk: Desk, trader: Client) -> None:
    show_book()
    form = ticket(desk)

    for _ in range(2):
        trader.post("/orders/submit/", form, headers=HTMX)

    assert Order.objects.count() == 1


def test_lots_become_units_on_the_way_in(desk: Desk, trader: Client) -> None:
    desk.instrument.lot_size = 25
    desk.instrument.save()
    show_book()

    trader.post("/orders/submit/", ticket(desk, quantity=2, quantity_unit="LOTS"), headers=HTMX)

    assert Order.objects.get().quantity == 50


def test_a_modified_order_keeps_its_place_with_the_new_terms(desk: Desk, trader: Client) -> None:
    order = resting(desk)

    answer = trader.post(f"/orders/{order.id}/modify/", {"quantity": 7, "price": "98.50"}, headers=HTMX)

    order.refresh_from_db()
    assert answer.status_code == 204
    assert (order.quantity, order.price) == (7, Decimal("98.50"))


def test_a_modification_that_cannot_be_comes_back_with_the_reason(desk: Desk, trader: Client) -> None:
    order = resting(desk)

    answer = trader.post(f"/orders/{order.id}/modify/", {"quantity": 7, "price": "98.03"}, headers=HTMX)

    order.refresh_from_db()
    assert answer.status_code == 422
    assert order.quantity == 10


def test_a_cancelled_order_tells_the_page_that_orders_moved(desk: Desk, trader: Client) -> None:
    order = resting(desk)

    answer = trader.post(f"/orders/{order.id}/cancel/", headers=HTMX)

    order.refresh_from_db()
    assert order.status == "CANCELLED"
    assert "desk:changed" in answer.headers["HX-Trigger"]


def test_the_order_page_tells_what_happened_in_order(desk: Desk, trader: Client) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent())

    page = trader.get(f"/orders/{order.id}/").content.decode()

    assert page.index("Accepted") < page.index("Routed") < page.index("Traded")


def test_a_chart_gets_the_accounts_own_marks(desk: Desk, trader: Client) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent())
    order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))

    marks = trader.get("/orders/marks/NSE:RELIANCE/").json()

    assert [fill["quantity"] for fill in marks["fills"]] == [10]
    assert [order["price"] for order in marks["orders"]] == ["99.0000"]
    assert [position["quantity"] for position in marks["positions"]] == [10]


@pytest.mark.parametrize("path", ["/orders/ticket/", "/orders/preview/", "/orders/submit/", "/orders/cancel-all/"])
def test_a_viewer_may_not_trade(desk: Desk, viewer: Client, path: str) -> None:
    method = viewer.get if path == "/orders/ticket/" else viewer.post

    assert method(path, ticket(desk)).status_code == 403
    assert not Order.objects.exists()


def test_a_viewer_sees_the_book_and_nothing_to_press(desk: Desk, viewer: Client) -> None:
    order = resting(desk)

    page = viewer.get("/orders/").content.decode()

    assert str(order.id) in page
    assert "Cancel" not in page
    assert viewer.post(f"/orders/{order.id}/cancel/").status_code == 403


@pytest.mark.parametrize("act", ["", "result/", "modify/", "cancel/"])
def test_an_outsider_finds_no_such_order(desk: Desk, outsider: Client, act: str) -> None:
    order = resting(desk)
    path = f"/orders/{order.id}/{act}"

    answer = outsider.post(path, {"quantity": 1}) if act in ("modify/", "cancel/") else outsider.get(path)

    assert answer.status_code == 404
    assert str(order.id) not in outsider.get("/orders/?view=all").content.decode()


def test_an_outsider_cannot_trade_in_the_account(desk: Desk, outsider: Client) -> None:
    show_book()

    answer = outsider.post("/orders/submit/", ticket(desk), headers=HTMX)

    assert "There is no such account" in answer.headers["HX-Trigger"]
    assert not Order.objects.exists()


def test_a_visitor_is_sent_to_log_in(db: None) -> None:
    assert "/accounts/login/" in Client().get("/orders/").headers["Location"]


def test_a_page_with_its_frame_stays_within_eight_queries(
    desk: Desk, trader: Client, django_assert_max_num_queries: Any
) -> None:
    trader.get("/orders/ticket/")
    with django_assert_max_num_queries(8):
        trader.get("/orders/ticket/")


def test_cancelling_all_orders_of_no_account_is_an_error_of_the_callers(
    desk: Desk, trader: Client, outsider: Client
) -> None:
    order = resting(desk)
    assert trader.post("/orders/cancel-all/", {"account": "me"}).status_code == 400
    assert outsider.post("/orders/cancel-all/", {"account": str(desk.account.id)}).status_code == 404
    order.refresh_from_db()
    assert order.status == "OPEN"
