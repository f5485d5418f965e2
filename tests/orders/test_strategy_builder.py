"""The strategy builder's page and its parts as a browser asks for them."""

import html
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import User
from tests.factories import make_instrument, make_member
from tests.orders.desk import Desk, show_book
from tests.orders.option_market import LOT, OptionMarket, make_option_market
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import OptionStrategy, Order, OrderGroup
from trading.orders.services import order_submit

BUILDER = "/options/builder/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def market(desk: Desk) -> OptionMarket:
    return make_option_market()


@pytest.fixture
def browser(desk: Desk) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=desk.trader.user_id))
    return client


def form(market: OptionMarket, *rows: tuple[str, str, str, str], **fields: str) -> dict[str, Any]:
    """What the page sends: (contract, side, lots, price) of each leg."""
    return {
        "leg_symbol": [market.key(row[0]) for row in rows],
        "leg_side": [row[1] for row in rows],
        "leg_lots": [row[2] for row in rows],
        "leg_price": [row[3] for row in rows],
        "leg_iv": [""] * len(rows),
        "leg_held": [""] * len(rows),
        "product": "NORMAL",
        **fields,
    }


CONDOR = (
    ("25300CE", "BUY", "1", ""),
    ("25100CE", "SELL", "1", ""),
    ("24900PE", "SELL", "1", ""),
    ("24700PE", "BUY", "1", ""),
)


def data_of(page: str) -> dict[str, Any]:
    """What the figures hand to the page's script."""
    found = re.search(r'<script id="strategy-data" type="application/json">(.*?)</script>', page)
    assert found is not None
    data: dict[str, Any] = json.loads(html.unescape(found[1]))
    return data


def test_an_address_names_its_legs_and_the_page_shows_them(browser: Client, market: OptionMarket) -> None:
    legs = f"{market.key('25100CE')}:SELL:2:180.5,{market.key('25300CE').lower()}:buy:2"
    page = browser.get(BUILDER, {"legs": legs}).content.decode()
    assert page.count('class="leg-grid" data-leg=') == 2
    assert 'value="180.50"' in page
    assert page.index("25100 CE") < page.index("25300 CE")
    assert 'aria-label="Sell 25000 PE"' in page


@pytest.mark.parametrize(
    ("legs", "words"),
    [
        ("rubbish", "is not KEY:BUY or SELL:lots"),
        ("NFO:NIFTY26NOV25000CE:HOLD:1", "is not KEY:BUY or SELL:lots"),
        ("NFO:NIFTY26NOV25000CE:BUY:0", "lots must be between 1"),
        ("NFO:NIFTY26NOV25000CE:BUY:1:NaN", "the price must be above 0"),
        ("NFO:NIFTY26NOV25000CE:BUY:1::later", "is not KEY:BUY or SELL:lots"),
        ("NFO:NOBODY26NOV1CE:BUY:1", "no instrument"),
        ("NSE:NIFTY:BUY:1", "is an index"),
        ("NFO:NIFTY26NOV25000CE:BUY:1," * 13, "at most 12 legs"),
    ],
)
def test_an_address_that_names_no_legs_says_why_and_still_opens(
    browser: Client, market: OptionMarket, legs: str, words: str
) -> None:
    answer = browser.get(BUILDER, {"legs": legs})
    assert answer.status_code == 200
    page = html.unescape(answer.content.decode())
    assert words in page
    # Legs beyond the most are dropped, those before them kept.
    assert page.count('class="leg-grid" data-leg=') == (12 if "at most" in words else 0)


def test_figures_are_the_apis_and_carry_the_curve(browser: Client, market: OptionMarket) -> None:
    page = browser.post(f"{BUILDER}analysis/", form(market, *CONDOR), headers=HTMX).content.decode()
    data = data_of(page)
    assert data["basis"] == "EXACT"
    assert len(data["legs"]) == 4
    assert "received" in page
    assert "lognormal" in page
    wide = browser.post(f"{BUILDER}analysis/", form(market, *CONDOR, spot_pct="2", days="1", iv_shift="3")).content
    assert data_of(wide.decode())["what_if"]["spot"] == "25500.00"


@pytest.mark.parametrize(
    ("row", "fields", "words"),
    [
        (("25100CE", "HOLD", "1", ""), {}, "buy or sell?"),
        (("25100CE", "BUY", "", ""), {}, "how many lots?"),
        (("25100CE", "BUY", "0", ""), {}, "lots must be between 1"),
        (("25100CE", "BUY", "1", "cheap"), {}, "its price is no number"),
        (("25100CE", "BUY", "1", "-4"), {}, "the price must be above 0"),
        (("25100CE", "BUY", "1", ""), {"iv_shift": "NaN"}, "shift of volatility"),
        (("25100CE", "BUY", "1", ""), {"days": "soon"}, "Write a number"),
        (("25100CE", "BUY", "1", ""), {"days": "200"}, "must lie between now and the last expiry"),
    ],
)
def test_what_cannot_be_analysed_is_said_in_the_figures_place(
    browser: Client, market: OptionMarket, row: tuple[str, str, str, str], fields: dict[str, str], words: str
) -> None:
    page = browser.post(f"{BUILDER}analysis/", form(market, row, **fields), headers=HTMX).content.decode()
    assert words in html.unescape(page)
    assert "strategy-data" not in page


def test_a_shape_a_contract_and_positions_become_rows(desk: Desk, browser: Client, market: OptionMarket) -> None:
    place = {"underlying": "NIFTY", "expiry": str(market.near)}
    shape = browser.get(f"{BUILDER}legs/", {"shape": "iron-condor", **place}).content.decode()
    assert shape.count("data-leg=") == 4
    one = browser.get(f"{BUILDER}legs/", {"symbol": market.key("25100CE"), "side": "SELL"}).content.decode()
    assert 'data-side="SELL"' in one
    none = browser.get(f"{BUILDER}legs/", {"positions": "1", "underlying": "NIFTY"})
    assert (none.status_code, "holds nothing" in none.content.decode()) == (404, True)
    order_submit(
        actor=desk.trader, intent=desk.intent(Side.BUY, LOT, key=market.key("25200CE"), product=Product.NORMAL)
    )
    held = browser.get(f"{BUILDER}legs/", {"positions": "1", "underlying": "NIFTY"}).content.decode()
    assert "data-held" in held
    assert "Held buy" in held


def test_the_legs_are_sent_as_one_multi_leg_order_without_those_that_are_held(
    desk: Desk, browser: Client, market: OptionMarket
) -> None:
    sent = form(market, *CONDOR, name="Iron condor")
    sent["leg_held"] = ["", "", "", "held"]
    sent["leg_price"] = ["", "1.05", "", ""]
    page = browser.post(f"{BUILDER}order/", sent, headers=HTMX).content.decode()
    fields = dict(re.findall(r'name="(client_order_id|account|kind|name)" value="([^"]*)"', page))
    columns = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page)
        for name in ("symbol", "option_type", "at", "side", "lots", "order_type", "product", "price")
    }
    assert columns["symbol"] == [market.key(name) for name in ("25300CE", "25100CE", "24900PE")]
    assert columns["order_type"] == ["MARKET", "LIMIT", "MARKET"]
    assert fields["kind"] == "MULTI_LEG"
    assert not Order.objects.exists()
    answer = browser.post("/orders/legs/submit/", {**fields, **columns, "all_or_nothing": "1"}, headers=HTMX)
    group = OrderGroup.objects.get()
    assert answer["HX-Redirect"] == f"/orders/groups/{group.id}/"
    assert (group.kind, group.name, group.all_or_nothing) == ("MULTI_LEG", "Iron condor", True)
    assert Order.objects.filter(group=group, status="FILLED").count() == 3


def test_all_or_nothing_is_ticked_until_somebody_unticks_it(browser: Client, market: OptionMarket) -> None:
    ticked = re.compile(r'name="(all_or_nothing|autoslice)" value="1" checked')
    first = browser.post(f"{BUILDER}order/", form(market, CONDOR[0]), headers=HTMX).content.decode()
    assert ticked.findall(first) == ["all_or_nothing"]
    changed = form(market, CONDOR[0], all_or_nothing="0", autoslice="1")
    assert ticked.findall(browser.post(f"{BUILDER}order/", changed, headers=HTMX).content.decode()) == ["autoslice"]


def test_a_share_of_a_strategy_is_carried_for_delivery(desk: Desk, browser: Client, market: OptionMarket) -> None:
    call = make_instrument("NFO:RELIANCE26NOV110CE", expiry=market.near, lot_size=250)
    show_book()
    show_book(key=call.key, ltp="2.00")
    sent = form(market, ("25300CE", "BUY", "1", ""), ("25300CE", "SELL", "1", ""))
    sent["leg_symbol"] = [desk.instrument.key, call.key]
    page = browser.post(f"{BUILDER}order/", sent, headers=HTMX).content.decode()
    assert re.findall(r'name="product" value="([^"]*)"', page) == ["DELIVERY", "NORMAL"]


def test_strategies_are_kept_opened_and_forgotten(browser: Client, market: OptionMarket) -> None:
    kept = browser.post(f"{BUILDER}keep/", form(market, *CONDOR, name="Mine"), headers=HTMX)
    strategy = OptionStrategy.objects.get()
    assert kept["HX-Redirect"] == f"{BUILDER}?kept={strategy.id}"
    page = browser.get(BUILDER, {"kept": str(strategy.id)}).content.decode()
    assert page.count('class="leg-grid" data-leg=') == 4
    again = browser.post(f"{BUILDER}keep/", form(market, *CONDOR, name="mine"), headers=HTMX)
    assert "exists already" in again["HX-Trigger"]
    over = form(market, CONDOR[0], name="Mine", kept=str(strategy.id))
    browser.post(f"{BUILDER}keep/", over, headers=HTMX)
    assert OptionStrategy.objects.get().legs.count() == 1
    gone = browser.post(f"{BUILDER}kept/{strategy.id}/forget/", headers=HTMX)
    assert gone["HX-Redirect"] == f"{BUILDER}?underlying=NIFTY"
    assert browser.get(BUILDER, {"kept": str(strategy.id)}).status_code == 404
    assert browser.get(BUILDER, {"kept": "x"}).status_code == 404


def test_who_may_only_look_builds_but_has_nothing_to_send_with(desk: Desk, market: OptionMarket) -> None:
    viewer = Client()
    viewer.force_login(make_member(Role.VIEWER, desk.organisation).user)
    page = viewer.get(BUILDER).content.decode()
    assert "Your role may look, not trade." in page
    assert 'id="order"' not in page
    assert viewer.post(f"{BUILDER}analysis/", form(market, *CONDOR)).status_code == 200
    assert viewer.post(f"{BUILDER}order/", form(market, *CONDOR)).status_code == 403


def test_another_desks_strategy_is_not_found(browser: Client, market: OptionMarket) -> None:
    browser.post(f"{BUILDER}keep/", form(market, *CONDOR, name="Ours"), headers=HTMX)
    strategy = OptionStrategy.objects.get()
    stranger = Client()
    stranger.force_login(make_member(Role.OWNER).user)
    assert stranger.get(BUILDER, {"kept": str(strategy.id)}).status_code == 404
    assert stranger.post(f"{BUILDER}kept/{strategy.id}/forget/").status_code == 404
    assert stranger.post(f"{BUILDER}keep/", form(market, CONDOR[0], name="X", kept=str(uuid4()))).status_code == 404
    assert OptionStrategy.objects.get().name == "Ours"


def test_the_strikes_follow_the_expiry_and_can_be_shown_whole(browser: Client, market: OptionMarket) -> None:
    far = browser.get(f"{BUILDER}chain/", {"underlying": "NIFTY", "expiry": str(market.far)}).content.decode()
    assert market.key("25000CE far") in html.unescape(far)
    assert market.key("25000CE") not in html.unescape(far)
    assert 'class="atm"' in far
    whole = browser.get(f"{BUILDER}chain/", {"underlying": "NIFTY", "expiry": str(market.near), "all": "1"})
    assert whole.content.decode().count('scope="row"') == 21


def test_without_any_options_the_page_says_so(desk: Desk, browser: Client) -> None:
    assert "No options" in browser.get(BUILDER).content.decode()
