"""The builders, the groups and the sheets as a browser asks for them."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.instruments.process_cache import forget_reference_data
from trading.orders.models import Basket, Order, OrderGroup
from trading.orders.services import order_submit
from trading.portfolio.models import Position

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(desk: Desk) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=desk.trader.user_id))
    show_book()
    return client


def legs(desk: Desk, *rows: tuple[str, str, str, str], **fields: str) -> dict[str, object]:
    """The builder's form: (side, lots, order type, price) of each leg in the desk's share."""
    return {
        "kind": "BASKET",
        "account": str(desk.account.id),
        "client_order_id": uuid4().hex,
        "symbol": [desk.instrument.key] * len(rows),
        "option_type": [""] * len(rows),
        "at": [""] * len(rows),
        "side": [row[0] for row in rows],
        "lots": [row[1] for row in rows],
        "order_type": [row[2] for row in rows],
        "product": ["INTRADAY"] * len(rows),
        "price": [row[3] for row in rows],
        **fields,
    }


TWO = (("BUY", "10", "MARKET", ""), ("BUY", "5", "LIMIT", "90.00"))


STOPS = (("SELL", "10", "SL", "94.00"), ("BUY", "5", "SL_M", ""), ("BUY", "5", "MARKET", ""))
STOP_FIELDS = {"trigger_price": ["95.00", "105.00", ""], "validity": ["DAY", "DAY", "IOC"]}


def test_a_basket_takes_stops_ioc_and_a_strategy_and_keeps_them(desk: Desk, browser: Client) -> None:
    form = {**legs(desk, *STOPS, name="Breakout", strategy="orb"), **STOP_FIELDS}
    browser.post("/orders/legs/submit/", form, headers=HTMX)
    placed = {(order.side, order.order_type): order for order in Order.objects.all()}
    assert {order.strategy for order in placed.values()} == {"orb"}
    stop, entry, now = placed["SELL", "SL"], placed["BUY", "SL_M"], placed["BUY", "MARKET"]
    assert (stop.trigger_price, stop.price) == (95, 94)
    assert (entry.trigger_price, entry.price, entry.status) == (105, None, "TRIGGER_PENDING")
    assert (now.validity, now.status) == ("IOC", "FILLED")
    browser.post("/orders/baskets/save/", form, headers=HTMX)
    kept = Basket.objects.get().rows.values_list("order_type", "trigger_price", "price", "validity")
    assert list(kept) == [("SL", 95, 94, "DAY"), ("SL_M", 105, None, "DAY"), ("MARKET", None, None, "IOC")]
    page = browser.get(f"/orders/baskets/?basket={Basket.objects.get().id}").content.decode()
    assert 'value="95"' in page
    assert '<option value="SL_M" selected>SL-M</option>' in page


def test_a_stop_leg_without_its_trigger_is_named(desk: Desk, browser: Client) -> None:
    form = {**legs(desk, *STOPS), **STOP_FIELDS, "trigger_price": ["", "105.00", ""]}
    preview = browser.post("/orders/legs/preview/", form, headers=HTMX).content.decode()
    assert "Leg 1: Trigger price: SL orders need one." in preview
    assert not Order.objects.exists()


def test_a_basket_is_previewed_placed_and_shown_with_its_legs(desk: Desk, browser: Client) -> None:
    form = legs(desk, *TWO, name="Pair")
    preview = browser.post("/orders/legs/preview/", form, headers=HTMX).content.decode()
    assert "Place 2 orders" in preview
    assert not Order.objects.exists()
    answer = browser.post("/orders/legs/submit/", form, headers=HTMX)
    group = OrderGroup.objects.get()
    assert answer["HX-Redirect"] == f"/orders/groups/{group.id}/"
    assert browser.post("/orders/legs/submit/", form).url == f"/orders/groups/{group.id}/"  # type: ignore[attr-defined]
    page = browser.get(f"/orders/groups/{group.id}/").content.decode()
    assert "Pair" in page
    assert "Cancel 1 open" in page
    assert str(group.id) in browser.get("/orders/groups/").content.decode()
    browser.post(f"/orders/groups/{group.id}/cancel/", headers=HTMX)
    assert sorted(Order.objects.values_list("status", flat=True)) == ["CANCELLED", "FILLED"]
    twice = browser.post(f"/orders/groups/{group.id}/cancel/", headers=HTMX)
    assert "ended" in twice["HX-Trigger"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("BUY", "", "MARKET", ""), "how many?"),
        (("BUY", "0", "MARKET", ""), "at least 1."),
        (("BUY", "ten", "MARKET", ""), "a whole number."),
        (("BUY", "1", "LIMIT", ""), "Limit orders need one."),
        (("HOLD", "1", "MARKET", ""), "Side"),
    ],
)
def test_a_leg_that_is_not_ready_says_what_is_missing(
    desk: Desk, browser: Client, row: tuple[str, str, str, str], words: str
) -> None:
    preview = browser.post("/orders/legs/preview/", legs(desk, row), headers=HTMX).content.decode()
    assert words in preview
    assert "Not ready" in preview
    refused = browser.post("/orders/legs/submit/", legs(desk, row), headers=HTMX)
    assert "Nothing was sent" in refused["HX-Trigger"]
    assert not OrderGroup.objects.exists()


def test_an_empty_basket_is_not_ready(desk: Desk, browser: Client) -> None:
    assert "Add an instrument" in browser.post("/orders/legs/preview/", legs(desk), headers=HTMX).content.decode()


def test_a_basket_that_cannot_be_paid_cannot_be_placed(desk: Desk, browser: Client) -> None:
    form = legs(desk, ("BUY", "9000000", "MARKET", ""))
    assert "Refused by the risk gate" in browser.post("/orders/legs/preview/", form, headers=HTMX).content.decode()


def test_a_basket_is_kept_opened_and_forgotten(desk: Desk, browser: Client) -> None:
    unnamed = browser.post("/orders/baskets/save/", legs(desk, *TWO), headers=HTMX)
    assert "Give the basket a name" in unnamed["HX-Trigger"]
    browser.post("/orders/baskets/save/", legs(desk, *TWO, name="Mine"), headers=HTMX)
    basket = Basket.objects.get()
    page = browser.get(f"/orders/baskets/?basket={basket.id}").content.decode()
    assert page.count("data-leg ") == 2
    again = browser.post("/orders/baskets/save/", legs(desk, *TWO, name="mine"), headers=HTMX)
    assert "exists already" in again["HX-Trigger"]
    browser.post("/orders/baskets/save/", legs(desk, TWO[0], name="Mine", basket=str(basket.id)), headers=HTMX)
    assert Basket.objects.get().rows.count() == 1
    browser.post(f"/orders/baskets/{basket.id}/delete/", headers=HTMX)
    assert not Basket.objects.exists()
    assert browser.get("/orders/baskets/?basket=nonsense").status_code == 404


def test_legs_are_found_and_added(desk: Desk, browser: Client) -> None:
    found = browser.get("/orders/legs/search/?q=reliance", headers=HTMX).content.decode()
    assert "symbol=NSE%3ARELIANCE" in found or "symbol=NSE:RELIANCE" in found
    assert 'value="NSE:RELIANCE"' in browser.get("/orders/legs/?symbol=NSE:RELIANCE").content.decode()
    assert "OTM2 put" in browser.get("/orders/legs/?option_type=PE&at_chosen=OTM2&side=SELL").content.decode()
    assert browser.get("/orders/legs/?symbol=NSE:NOSUCH").status_code == 404


def test_the_ticket_slices_when_asked(desk: Desk, browser: Client) -> None:
    Instrument.objects.filter(id=desk.instrument.id).update(freeze_quantity=100)
    forget_reference_data()
    form = {
        "account": str(desk.account.id),
        "symbol": desk.instrument.key,
        "side": "BUY",
        "quantity": "250",
        "order_type": "MARKET",
        "product": "INTRADAY",
        "client_order_id": "ticket",
    }
    assert "freezes" in browser.post("/orders/submit/", form, headers=HTMX)["HX-Trigger"]
    result = browser.post("/orders/submit/", {**form, "autoslice": "on"}, headers=HTMX).content.decode()
    assert "slices in one group" in result
    assert sorted(Order.objects.values_list("quantity", flat=True)) == [50, 100, 100]


def test_a_position_is_closed_in_part_converted_and_all_from_sheets(desk: Desk, browser: Client) -> None:
    order_submit(actor=desk.trader, intent=desk.intent(quantity=100))
    position = Position.objects.get()
    address = f"/orders/positions/{position.id}"
    assert "Sell to close" in browser.get(f"{address}/close/", headers=HTMX).content.decode()
    too_much = browser.post(f"{address}/close/", {"quantity": "101", "client_order_id": "a"}, headers=HTMX)
    assert "Between 1 and 100" in too_much.content.decode()
    part = browser.post(f"{address}/close/", {"quantity": "30", "client_order_id": "b"}, headers=HTMX)
    assert "sheet:close" in part["HX-Trigger"]
    assert "Carry on as" in browser.get(f"{address}/convert/", headers=HTMX).content.decode()
    form = {"product": "DELIVERY", "quantity": "20", "client_order_id": "c"}
    assert "Converted 20" in browser.post(f"{address}/convert/", form, headers=HTMX)["HX-Trigger"]
    wrong = browser.post(f"{address}/convert/", {**form, "quantity": "500", "client_order_id": "d"}, headers=HTMX)
    assert "can be converted" in wrong.content.decode()
    sheet = browser.get("/orders/positions/close-all/?product=INTRADAY", headers=HTMX).content.decode()
    assert "Close 1 position at market" in sheet
    browser.post("/orders/positions/close-all/", {"product": "INTRADAY", "client_order_id": "e"}, headers=HTMX)
    assert sorted(Position.objects.values_list("product", "quantity")) == [("DELIVERY", 20), ("INTRADAY", 0)]


def test_the_sheet_names_what_it_cancels(desk: Desk, browser: Client) -> None:
    order_submit(actor=desk.trader, intent=desk.intent(price="90.00", strategy="a"))
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, price="110.00"))
    assert "Cancel 2 orders" in browser.get("/orders/cancel-all/", headers=HTMX).content.decode()
    assert "Cancel 1 order<" in browser.get("/orders/cancel-all/?strategy=a", headers=HTMX).content.decode()
    answer = browser.post("/orders/cancel-all/", {"strategy": "-"}, headers=HTMX)
    assert "Cancelled 1 order." in answer["HX-Trigger"]
    assert Order.objects.get(strategy="a").status == "OPEN"
    assert browser.get("/orders/cancel-all/?account=nonsense").status_code == 400
