"""The strategy builder in the browser: an iron condor from the strikes to four orders on paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser

LEGS = "#legs [data-leg]"


def _take(page: Page, *, away: int, right: str, side: str) -> None:
    """Click B or S of the strike so many rows above (negative: below) the one at the money."""
    rows = page.locator(".ladder tbody tr")
    middle = rows.evaluate_all("rows => rows.findIndex((row) => row.classList.contains('atm'))")
    cell = rows.nth(middle + away).locator(".bs").nth(0 if right == "CE" else 1)
    with page.expect_response(re.compile("/options/builder/legs/")):
        cell.get_by_role("button", name=re.compile(f"^{side} ")).click()


def test_an_iron_condor_is_built_from_the_strikes_seen_and_sent_on_paper(open_page: OpenPage) -> None:
    page = open_page("/options/builder/?underlying=NIFTY", user="owner@alpha.demo")
    expect(page.get_by_text("No legs yet")).to_be_visible()
    for away, right, side in ((2, "CE", "Buy"), (1, "CE", "Sell"), (-1, "PE", "Sell"), (-2, "PE", "Buy")):
        _take(page, away=away, right=right, side=side)
    expect(page.locator(LEGS)).to_have_count(4)
    figures = page.locator("#figures")
    expect(figures).to_contain_text("Max profit")
    expect(figures).to_contain_text(re.compile(r"Break-evens\s*[\d,.]+ · [\d,.]+"))
    expect(figures).to_contain_text("lognormal")
    expect(page.locator("path.payoff-expiry")).to_have_attribute("d", re.compile("^M"))
    expect(page).to_have_url(re.compile(r"legs=NFO:NIFTY\w+:BUY:1,"))

    page.get_by_role("button", name="Show the payoff as a table").click()
    expect(page.get_by_role("region", name="Payoff as a table").locator("tbody tr")).not_to_have_count(0)
    page.get_by_role("button", name="Show the payoff as a table").click()

    send = page.locator("#send")
    expect(send).to_contain_text(re.compile(r"Margin together\s*₹[1-9]"))
    expect(send).to_contain_text("PAPER")
    send.get_by_role("button", name="Place 4 orders").click()

    page.wait_for_url("**/orders/groups/*/")
    rows = page.locator("table.stack tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="Filled")).to_have_count(4, timeout=20_000)


def test_what_if_moves_the_dashed_line_and_an_address_is_the_strategy(open_page: OpenPage) -> None:
    page = open_page("/options/builder/?shape=short-straddle")
    expect(page.locator(LEGS)).to_have_count(2)
    expect(page.locator("#figures")).to_contain_text("Unlimited")
    before = page.locator("path.payoff-target").get_attribute("d")
    page.locator("[name=spot_pct]").evaluate(
        "(input) => { input.value = 2; input.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    page.locator("[name=iv_shift]").evaluate(
        "(input) => { input.value = 5; input.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(page.locator("[data-out=spot_pct]")).to_have_text("+2.0%")
    expect(page.locator("line.payoff-what")).to_have_count(1)
    expect(page.locator("path.payoff-target")).not_to_have_attribute("d", str(before))

    other = open_page(page.url, viewport=PHONE, theme="light", user="viewer@alpha.demo")
    expect(other.locator(LEGS)).to_have_count(2)
    expect(other.get_by_text("Your role may look, not trade.")).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
