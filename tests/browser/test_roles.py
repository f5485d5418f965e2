"""Who may do what, as the pages say it: limits, onlookers, and two organisations side by side."""

import re

import pytest
from playwright.sync_api import Page, expect

from . import desk
from .conftest import OpenPage
from .looking import settle

pytestmark = pytest.mark.browser

ORDER_BUTTONS = re.compile(r"^(Buy|Sell|Close|Modify|New order)\b")
PAGES = ["/", "/watchlist/", "/chart/NSE:RELIANCE/", "/orders/?view=all", "/positions/", "/holdings/"]


def test_the_owners_new_limit_refuses_the_traders_next_order(open_page: OpenPage) -> None:
    _set_order_value(open_page("/risk/", user="owner@beta.demo"), "1000")

    page = open_page("/chart/NSE:RELIANCE/", user="trader@beta.demo")
    form = page.locator("main form[data-ticket]")
    form.get_by_label("Quantity", exact=True).fill("10")

    expect(form.locator(".verdict.bad")).to_contain_text("An order may be worth ₹1,000.00 at most")
    expect(form.get_by_role("button", name="Refused by the risk gate")).to_be_disabled()


def test_a_viewer_finds_no_way_to_trade(open_page: OpenPage) -> None:
    page = open_page("/", user="viewer@alpha.demo")
    for path in PAGES:
        page.goto(path)
        settle(page)
        assert page.locator("form[data-ticket], [data-sheet]").count() == 0, path
        for role in ("button", "link"):
            assert page.get_by_role(role, name=ORDER_BUTTONS).count() == 0, path  # type: ignore[arg-type]
    page.keyboard.press("b")
    expect(page.locator("#sheet")).to_be_hidden()

    assert page.request.get("/orders/ticket/?symbol=NSE:TCS").status == 403


def test_two_organisations_see_nothing_of_each_other(open_page: OpenPage) -> None:
    mine = open_page("/chart/NSE:RELIANCE/", user="risk@alpha.demo")
    buyer = open_page("/chart/NSE:RELIANCE/", user="owner@alpha.demo")
    desk.buy_at_market(buyer, quantity=1)
    order = buyer.get_by_role("link", name="Timeline").get_attribute("href")
    assert order
    assert mine.request.get(order).status == 200

    other = open_page("/orders/?view=all", user="owner@beta.demo")
    # The top bar folds it away where there is no room.
    expect(other.get_by_text("Beta", exact=False).first).to_be_attached()
    for path in ("/orders/?view=all", "/orders/trades/", "/positions/", "/audit/", "/organisation/members/"):
        other.goto(path)
        settle(other)
        assert "alpha" not in other.locator("#work").inner_text().lower(), path

    assert other.request.get(order).status == 404


def _set_order_value(page: Page, rupees: str) -> None:
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Organisation").click()
    page.get_by_role("link", name="Change limits").click()
    page.get_by_label(re.compile("^Order value")).fill(rupees)
    page.get_by_role("button", name="Change limits").click()
    expect(page.get_by_text(f"₹{int(rupees):,}").first).to_be_visible()
