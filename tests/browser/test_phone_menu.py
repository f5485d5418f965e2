"""The bottom bar of a phone: what does not fit stands behind "More"."""

import pytest
from playwright.sync_api import expect

from .conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser


def test_more_opens_leads_on_and_closes_by_escape(open_page: OpenPage) -> None:
    page = open_page("/orders/", viewport=PHONE, theme="light")
    more = page.get_by_role("navigation", name="Main").locator("summary")
    menu = page.locator(".rail-more .pop")
    expect(more).to_have_accessible_name("More")
    more.click()
    expect(menu.get_by_role("link", name="Analytics")).to_be_visible()
    box = menu.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]

    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.mouse.click(100, 200)
    expect(menu).to_be_hidden()

    more.click()
    menu.get_by_role("link", name="Analytics").click()
    page.wait_for_url("**/analytics/")
    expect(more).to_have_attribute("aria-current", "true")
