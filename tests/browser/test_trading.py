"""A trader's round in the browser, at a desk and on a phone, and what lives on the pages."""

import re

import pytest
from playwright.sync_api import Page, expect

from . import desk
from .conftest import PHONE, Demo, OpenPage

pytestmark = pytest.mark.browser


def test_a_traders_round_from_search_to_a_verified_ledger(open_page: OpenPage, demo: Demo) -> None:
    page = open_page("/")
    desk.find_reliance(page)
    desk.buy_at_market(page, quantity=10)
    expect(page.locator(".result")).to_contain_text(re.compile(r"Charges\s*₹[1-9]"))
    expect(page.locator("#count-positions")).to_have_text("1")
    _the_position_and_the_day_move(page)
    desk.rest_a_limit_order(page)
    desk.modify_and_cancel(page)
    desk.close_the_position(page)
    expect(page.locator("#count-positions")).to_have_text("0")

    verified = demo.manage("verify_ledger")

    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_round_on_the_phone(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:INFY/", viewport=PHONE, theme="light", user="owner@alpha.demo")
    page.locator(".trade-bar").get_by_role("link", name="Buy").click()
    sheet = page.get_by_role("dialog", name="New order")
    sheet.get_by_label("Quantity", exact=True).fill("2")
    sheet.get_by_role("button", name="Buy 2 at market").click()
    expect(sheet.locator(".result-state")).to_contain_text("Bought 2 INFY")
    sheet.get_by_role("button", name="Close", exact=True).click()

    page.get_by_role("link", name="Positions", exact=True).click()
    # An owner sees the positions of every account.
    row = page.locator("tr[data-symbol='NSE:INFY']").filter(has_text=re.compile("Owner.s paper account"))
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Close").click()

    expect(row).to_contain_text("Closed")


def test_live_prices_reach_the_cells(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:RELIANCE/")
    cell = page.locator(".bar [data-live='NSE:NIFTY'][data-field=ltp]")
    expect(cell).to_have_text(re.compile(r"\d"))
    before = cell.inner_text()

    expect(cell).not_to_have_text(before, timeout=15_000)


def test_the_palette_finds_an_instrument_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/orders/")
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search instruments and commands").fill("infy")
    found = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(found.first).to_contain_text(re.compile("INFY"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/chart/NSE:INFY/")


def test_the_chosen_theme_survives_a_reload(open_page: OpenPage) -> None:
    page = open_page("/orders/", theme="dark")
    page.get_by_label("trader@alpha.demo").or_(page.locator("summary.icon")).first.click()
    page.get_by_role("button", name="Dark or light").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def _the_position_and_the_day_move(page: Page) -> None:
    pnl = page.locator(f"#book-body tr[data-symbol='{desk.RELIANCE}'] [data-field=pnl]").first
    day = page.locator("#day-pnl b")
    for cell in (pnl, day):
        expect(cell).to_have_text(re.compile(r"\d"))
    before, day_before = pnl.inner_text(), day.inner_text()
    expect(pnl).not_to_have_text(before, timeout=20_000)
    expect(day).not_to_have_text(day_before, timeout=20_000)
