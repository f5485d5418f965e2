"""Orders that wait, orders placed together, exits that guard a position, and the stop of everything."""

import re

import pytest
from playwright.sync_api import Page, expect

from . import desk
from .conftest import OpenPage

pytestmark = pytest.mark.browser

# The trader's positions are counted elsewhere; what stays behind here is the owner's.
OWNER = "owner@alpha.demo"


def test_a_stop_order_waits_for_its_price_until_it_is_cancelled(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:TCS/")
    form = desk.ticket(page)
    form.locator("[name=order_type][value=SL_M]").check()
    last = desk.last_price(form)
    form.locator("[name=trigger_price]").fill(f"{int(last * 1.03)}")
    form.get_by_role("button", name=f"Buy 1 from {int(last * 1.03):,}").click()

    expect(page.locator(".result-state")).to_contain_text(f"Waiting for ≥ {int(last * 1.03):,}")
    page.get_by_role("tab", name="Open orders").click()
    row = page.locator("#book-body tr[data-symbol='NSE:TCS']")
    expect(row).to_contain_text("Trigger pending")
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)


def test_a_basket_of_two_legs_is_placed_at_once(open_page: OpenPage) -> None:
    page = open_page("/orders/baskets/", user=OWNER)
    for number, symbol in enumerate(("INFY", "SBIN"), start=1):
        page.get_by_label("Add an instrument").fill(symbol.lower())
        page.locator("[data-suggestions] button").filter(has_text=re.compile(rf"^\s*{symbol}\s*NSE")).first.click()
        expect(page.locator("[data-leg]")).to_have_count(number)
    page.get_by_role("button", name="Place 2 orders").click()

    page.wait_for_url("**/orders/groups/*-*/")
    for symbol in ("INFY", "SBIN"):
        expect(page.locator("tr").filter(has=page.get_by_role("link", name=re.compile(symbol)))).to_contain_text(
            "1 / 1"
        )


def test_a_position_is_guarded_by_a_stop_and_the_guard_is_taken_back(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:RELIANCE/", user=OWNER)
    desk.buy_at_market(page, quantity=5)
    page.goto("/positions/")
    # An owner sees the positions of every account.
    row = page.locator(f"tr[data-symbol='{desk.RELIANCE}']").filter(has_text=re.compile("Owner.s paper account"))
    row.hover()
    row.get_by_role("link", name="Protect").click()
    sheet = page.get_by_role("dialog")
    stop = f"{int(desk.last_price(sheet) * 0.97)}"
    sheet.get_by_label("Kind").select_option("SINGLE")
    sheet.get_by_label("When it reaches").fill(stop)
    sheet.get_by_role("button", name="Set the trigger").click()
    expect(sheet.locator(".result-state")).to_contain_text("Watched")

    page.goto("/triggers/")
    guard = page.locator(f"tr[data-symbol='{desk.RELIANCE}']")
    expect(guard).to_contain_text(f"{int(stop):,}")
    page.once("dialog", lambda dialog: dialog.accept())
    guard.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Nothing is watched")).to_be_visible()


def test_the_kill_switch_stops_trading_until_it_is_released_in_two_steps(open_page: OpenPage) -> None:
    risk = open_page("/risk/kill-switch/", user="risk@alpha.demo")
    trader = open_page("/chart/NSE:RELIANCE/")
    _press_the_kill_switch(risk)
    form = trader.locator("main form[data-ticket]")
    expect(form.locator("#ticket-submit")).to_be_disabled(timeout=20_000)
    expect(form.locator(".verdict.bad")).to_contain_text(re.compile("kill switch", re.IGNORECASE))

    risk.get_by_role("link", name="Release…").click()
    risk.get_by_role("button", name="Ask for the release").click()
    risk.get_by_label("Token").fill(risk.locator("code.token").inner_text())
    risk.get_by_role("button", name=re.compile("^Release:")).click()

    risk.goto("/risk/kill-switch/")
    expect(risk.get_by_text("Released", exact=True)).to_be_visible()
    expect(form.locator("#ticket-submit")).to_be_enabled(timeout=20_000)


def _press_the_kill_switch(page: Page) -> None:
    page.get_by_label("Why").fill("a drill")
    page.get_by_label("I mean it").check()
    page.get_by_role("button", name="Press the kill switch").click()
    expect(page.get_by_text("The kill switch is pressed for the organisation")).to_be_visible()
