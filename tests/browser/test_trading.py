"""A trader's round in the browser: buy, see it, rest a limit order, change it, cancel it, close the position."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage

pytestmark = pytest.mark.browser


def test_a_trader_buys_changes_cancels_and_closes(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:RELIANCE/")
    _buy_at_market(page, quantity=10)
    _rest_a_limit_order(page)
    _modify_and_cancel(page)
    _close_the_position(page)


def test_live_prices_reach_the_cells(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:RELIANCE/")
    cell = page.locator(".bar [data-live='NSE:NIFTY'][data-field=ltp]")
    before = cell.inner_text()

    expect(cell).not_to_have_text(before, timeout=15_000)


def test_a_viewer_sees_the_chart_and_no_ticket(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:RELIANCE/", user="viewer@alpha.demo")

    expect(page.get_by_text("Your role may look, not trade.")).to_be_visible()
    assert page.locator("form[data-ticket]").count() == 0


def test_the_palette_finds_an_instrument_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/orders/")
    page.keyboard.press("/")
    page.get_by_role("combobox").fill("infy")
    expect(page.get_by_role("option").first).to_contain_text(re.compile("INFY"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/chart/NSE:INFY/")


def test_the_chosen_theme_survives_a_reload(open_page: OpenPage) -> None:
    page = open_page("/orders/", theme="dark")
    page.get_by_label("trader@alpha.demo").or_(page.locator("summary.icon")).first.click()
    page.get_by_role("button", name="Dark or light").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def _ticket(page: Page) -> Page:
    expect(page.locator("main form[data-ticket]")).to_be_visible()
    return page


def _buy_at_market(page: Page, *, quantity: int) -> None:
    form = _ticket(page).locator("main form[data-ticket]")
    form.get_by_label("Quantity", exact=True).fill(str(quantity))
    form.get_by_role("button", name=f"Buy {quantity} at market").click()
    expect(page.locator(".result-state")).to_contain_text(f"Bought {quantity} RELIANCE")
    expect(page.locator("#book-body [data-symbol='NSE:RELIANCE']").first).to_be_visible()


def _rest_a_limit_order(page: Page) -> None:
    page.get_by_role("link", name="New order").click()
    form = _ticket(page).locator("main form[data-ticket]")
    last = float(form.locator("[data-field=ltp]").inner_text().replace(",", ""))
    form.locator("[name=order_type][value=LIMIT]").check()
    form.locator("[name=price]").fill(f"{int(last * 0.98)}")
    form.get_by_role("button", name=re.compile("^Buy 1 at ")).click()
    expect(page.locator(".result-state")).to_contain_text("Resting at")


def _modify_and_cancel(page: Page) -> None:
    page.get_by_role("tab", name="Open orders").click()
    row = page.locator("#book-body tr[data-symbol='NSE:RELIANCE']")
    row.get_by_role("link", name="Modify").click()
    inline = page.get_by_role("form", name=re.compile("^Modify"))
    inline.locator("[name=quantity]").fill("3")
    inline.get_by_role("button", name="Change").click()
    expect(row.locator("td.num").nth(1)).to_contain_text("3")
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("No open orders")).to_be_visible()


def _close_the_position(page: Page) -> None:
    page.get_by_role("tab", name="Positions").click()
    row = page.locator("#book-body tr[data-symbol='NSE:RELIANCE']")
    row.hover()
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Close").click()
    expect(row).to_contain_text("Closed")
