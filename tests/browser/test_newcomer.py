"""Somebody new signs up, opens a paper account and trades; a program gets a key and uses it."""

import json
import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from . import desk
from .conftest import Demo, OpenPage

pytestmark = pytest.mark.browser

EMAIL = "newcomer@example.com"
PASSWORD = "turmeric-desk-77"


def test_a_newcomer_signs_up_opens_an_account_and_trades(open_page: OpenPage, demo: Demo) -> None:
    page = open_page("/accounts/signup/", user="")
    _sign_up(page)
    page.goto(_confirmation_link(demo.data / "mail"))
    page.get_by_role("button", name="Confirm").click()
    _log_in(page)

    page.get_by_label("Name", exact=True).fill("First steps")
    page.get_by_role("button", name="Open the account").click()
    expect(page.locator("#toasts")).to_contain_text("Opened First steps: ₹10,00,000.00")
    desk.find_reliance(page)
    desk.buy_at_market(page, quantity=1)


def test_a_key_is_shown_once_and_opens_its_scopes_only(open_page: OpenPage, desk_url: str) -> None:
    page = open_page("/api-keys/")
    page.get_by_label("Name").fill("Reporting")
    page.get_by_label("View accounts", exact=True).check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator(".once code").last.inner_text()
    page.goto("/api-keys/")

    assert secret not in page.content()
    assert _status(f"{desk_url}/api/v1/positions", secret) == 200
    assert _status(f"{desk_url}/api/v1/orders", secret, order={}) == 403


def _sign_up(page: Page) -> None:
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password1]").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()
    page.wait_for_url("**/confirm-email/")


def _confirmation_link(mail: Path) -> str:
    letters = "".join(letter.read_text() for letter in mail.iterdir())
    found = re.search(r"http://\S+/confirm-email/\S+", letters)
    assert found, letters
    return found.group(0)


def _log_in(page: Page) -> None:
    page.locator("[name=login]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def _status(url: str, key: str, order: dict[str, str] | None = None) -> int:
    body = None if order is None else json.dumps(order).encode()
    request = Request(
        url, data=body, headers={"Authorization": f"Api-Key {key}", "Content-Type": "application/json"}
    )
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code
