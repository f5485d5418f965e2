"""A ticket that refreshes itself neither loses a click nor frees its button for an order that was never checked."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from . import desk
from .conftest import OpenPage

pytestmark = pytest.mark.browser

PREVIEW = re.compile(r"/orders/preview/$")


def test_a_press_that_outlasts_a_refresh_is_still_a_click(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:SBIN/", user="owner@alpha.demo")
    form = desk.ticket(page)
    button = form.get_by_role("button", name="Buy 1 at market")
    button.hover()
    page.mouse.down()
    with page.expect_response(PREVIEW):
        pass
    expect(button).to_be_enabled()
    page.mouse.up()
    expect(page.locator(".result-state")).to_contain_text("Bought 1 SBIN")


def test_what_was_held_back_by_a_press_is_asked_for_after_it(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:SBIN/", user="owner@alpha.demo")
    desk.ticket(page)
    line = page.locator(".preview details[data-keep-open=charges] summary")
    line.hover()
    page.mouse.down()
    with page.expect_response(PREVIEW):
        pass
    # Long before the next one of its own accord, which is after four seconds.
    with page.expect_request(PREVIEW, timeout=1_500):
        page.mouse.up()


def test_an_answer_to_what_the_form_said_before_does_not_free_the_button(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:SBIN/", user="owner@alpha.demo")
    form = desk.ticket(page)
    quantity = form.get_by_label("Quantity", exact=True)
    asked: list[Route] = []
    page.route(PREVIEW, lambda route: asked.append(route))
    before = _next(page, asked)
    answer = before.fetch()
    quantity.fill("17")
    before.fulfill(response=answer)
    after = _next(page, asked)
    expect(form.locator("#ticket-submit")).to_be_disabled()
    after.continue_()
    expect(form.get_by_role("button", name="Buy 17 at market")).to_be_enabled()


def _next(page: Page, asked: list[Route]) -> Route:
    """The next request, held back."""
    for _ in range(100):
        if asked:
            return asked.pop()
        page.wait_for_timeout(50)
    raise AssertionError("The preview was not asked for.")
