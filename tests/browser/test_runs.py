"""A strategy of one's own: written, mended where the editor points, deployed on paper, its signal approved."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .looking import look_over

pytestmark = pytest.mark.browser

SOURCE = """
from trading.strategies.domain import Context, Setup, Strategy


class AtOnce(Strategy):
    key = "at_once"
    title = "At once"

    def setup(self, setup: Setup) -> None:
        setup.ticks()

    def on_tick(self, ctx: Context, quote) -> None:
        if not ctx.recall("done"):
            ctx.remember("done", True)
            ctx.buy(3)
"""
NAME = "Three shares, asked for at once"
MISTAKEN = "import os\n" + SOURCE


def test_own_code_is_written_deployed_and_asks_before_it_trades(open_page: OpenPage) -> None:
    _write(open_page("/strategies/code/new/", user="owner@alpha.demo"))

    page = open_page("/strategies/own.at_once/")
    page.get_by_role("link", name="Run it").click()
    page.get_by_label("Name").fill(NAME)
    page.locator("[name=symbols]").fill("NSE:SBIN")
    page.get_by_label("Signals").select_option("APPROVE")
    page.get_by_role("button", name="Make the run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME, timeout=20_000)
    page.get_by_role("button", name="Start").click()

    waiting = page.get_by_role("region", name="Signals that wait for you")
    approve = waiting.get_by_role("button", name="Approve buy 3 SBIN")
    expect(approve).to_be_visible(timeout=40_000)
    look_over(page)
    approve.click()
    expect(waiting).to_have_count(0, timeout=20_000)
    signals = page.locator(".panel").filter(has=page.get_by_role("heading", name="Signals", exact=True))
    expect(signals.locator("tbody tr")).to_contain_text(["Ordered"], timeout=20_000)
    expect(page.get_by_role("link", name="SBIN", exact=True)).to_be_visible()

    # The page is asked for again all the time: whoever has reached a button by keys stays on it.
    page.get_by_role("button", name="Pause").focus()
    with page.expect_response(lambda answer: answer.url == page.url):
        pass
    page.wait_for_timeout(200)
    expect(page.get_by_role("button", name="Pause")).to_be_focused()

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Flatten").click()
    expect(page.get_by_text("Paused").first).to_be_visible(timeout=20_000)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped").first).to_be_visible(timeout=20_000)
    look_over(page)


def _write(page: Page) -> None:
    source = page.get_by_label("The strategy’s Python text")
    source.fill(MISTAKEN)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("It cannot be run as it is")).to_be_visible()
    page.get_by_role("button", name="Line 1", exact=True).click()
    expect(source).to_be_focused()
    look_over(page)
    source.fill(SOURCE)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text(re.compile("^Sound: “At once”"))).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible(timeout=15_000)
