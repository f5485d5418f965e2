"""A security key in a real browser: Chromium's virtual authenticator stands in for the hardware."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser

USER = "analyst@alpha.demo"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser: Browser, desk_url: str) -> Iterator[Page]:
    """A page with a key plugged in, under the one name that needs no https; console errors fail the test."""
    context = browser.new_context(base_url=desk_url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    complaints: list[ConsoleMessage] = []
    page.on("console", lambda message: complaints.append(message) if message.type == "error" else None)
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()
    assert not [message.text for message in complaints]


def _log_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(USER)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def _log_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("form[action*=logout] button[type=submit]").last.click()
    page.wait_for_url("**/accounts/login/")


def test_a_key_is_registered_then_passes_as_second_factor_and_as_passkey(page: Page) -> None:
    _log_in(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/webauthn/add/")
    page.locator("[name=name]").fill("Desk key")
    page.locator("[name=passwordless]").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto("/accounts/2fa/webauthn/")
    assert "passkey" in page.get_by_role("row").filter(has_text="Desk key").inner_text()

    _log_out(page)
    _log_in(page)
    assert page.url.endswith("/accounts/2fa/authenticate/")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)

    _log_out(page)
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)

    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.wait_for_url(lambda url: not url.endswith("/accounts/2fa/webauthn/"))
    if "reauthenticate" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("No security keys").wait_for()
