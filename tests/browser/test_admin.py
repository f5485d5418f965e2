"""The admin under the content security policy: every list and a row of each, without a complaint on the console."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

ROOT_USER = "root@sauda.demo"


def _links(page: Page, pattern: str) -> list[str]:
    hrefs = [str(link.get_attribute("href")) for link in page.locator("#content-main a").all()]
    return sorted({href for href in hrefs if re.fullmatch(pattern, href)})


def test_every_list_form_and_row_opens(open_page: OpenPage) -> None:
    page = open_page("/admin/", user=ROOT_USER)
    lists, forms = _links(page, r"/admin/\w+/\w+/"), _links(page, r"/admin/.*/add/")
    assert len(lists) > 30
    rows = []
    for address in lists:
        _visit(page, address)
        first = page.locator("#result_list tbody th a").first
        if first.count():
            rows.append(str(first.get_attribute("href")))
    for address in forms + rows:
        _visit(page, address)


def _visit(page: Page, address: str) -> None:
    response = page.goto(address)
    assert response is not None
    assert response.status == 200, address
