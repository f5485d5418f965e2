"""Another instrument on the chart: in place, with its own look and drawings, and with the way back."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .test_chart import _add_indicator, _drag, _ready, _rows

pytestmark = pytest.mark.browser

# Of charts that no other journey looks at.
FIRST, SECOND = "NSE:AXISBANK", "NSE:BAJFINANCE"


def _choose(page: Page, words: str) -> None:
    page.get_by_role("button", name="Show another instrument").click()
    page.get_by_role("combobox", name="Show the chart of").fill(words)
    page.locator("#chart-found [role=option]").first.click()


def test_another_instrument_takes_the_place_of_this_one_and_the_way_back_works(open_page: OpenPage) -> None:
    page = open_page(f"/chart/{FIRST}/")
    chart = _ready(page)
    _add_indicator(page, "rsi")
    expect(_rows(page)).to_have_count(1)
    page.get_by_role("button", name="Horizontal line").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.status == 201):
        _drag(page, (300, 150), (300, 150))
    page.evaluate("document.body.dataset.same = 'page'")

    _choose(page, "bajfinance")
    page.wait_for_url(f"**/chart/{SECOND}/")
    _shows(page, SECOND)
    expect(_rows(page)).to_have_count(0)
    expect(page.locator("#chart-drawing-count")).to_have_text("")
    expect(page.locator("main form[data-ticket] [name=symbol]")).to_have_value(SECOND)
    expect(page.locator("[data-depth]")).to_have_attribute("data-depth", SECOND)
    expect(page.locator("#chart-legend [data-part=close]")).to_have_text(re.compile(r"\d"))

    page.go_back()
    _shows(page, FIRST)
    expect(_rows(page)).to_have_count(1)
    expect(page.locator("#chart-drawing-count")).to_have_text("1")
    page.go_forward()
    _shows(page, SECOND)
    assert page.locator("body").get_attribute("data-same") == "page", "the page was never loaded anew"

    page.goto(f"/chart/{FIRST}/")
    expect(chart).to_have_attribute("data-key", FIRST)


def _shows(page: Page, key: str) -> None:
    expect(page.locator("#chart")).to_have_attribute("data-key", key)
    _ready(page)
    expect(page).to_have_title(re.compile(f"^{key.removeprefix('NSE:')} "))
    expect(page.locator(".side-column .quote .sym")).to_have_text(key.removeprefix("NSE:"))
