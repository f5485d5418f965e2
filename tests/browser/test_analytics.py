"""The past of an account: a statement through the wizard, a note with a picture, the tear sheet on paper."""

import csv
import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .looking import look_over
from .test_chart_lines import call

pytestmark = pytest.mark.browser

# Of the demo, with some weeks of trades.
ACCOUNT = "Trader's track record"
MAPPING = {
    "date": "When",
    "symbol": "What",
    "side": "Dir",
    "quantity": "Units",
    "price": "Rs each",
    "trade_id": "No.",
}
PAGES = ("", "trades/", "journal/", "tax/", "tear-sheet/")


def _account(page: Page) -> str:
    return str(next(one["id"] for one in call(page, "GET", "accounts")["results"] if one["name"] == ACCOUNT))


def _book(trades: list[dict[str, Any]]) -> bytes:
    """A tradebook with headings that no broker writes, one price of it other than ours."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(MAPPING.values())
    for number, trade in enumerate(trades):
        price = float(trade["price"]) + (0.5 if number == 0 else 0)
        day = trade["traded_at"][:10]
        side = "B" if trade["side"] == "BUY" else "S"
        writer.writerow(
            [day, trade["symbol"].removeprefix("NSE:"), side, trade["quantity"], f"{price:.2f}", 9000 + number]
        )
    return held.getvalue().encode()


def test_a_statement_of_unknown_columns_is_mapped_imported_and_differs(open_page: OpenPage) -> None:
    page = open_page("/analytics/statements/")
    trades = call(page, "GET", f"trades?account={_account(page)}&limit=20")["results"]
    page.get_by_label("Account", exact=True).select_option(label=ACCOUNT)
    name = "a-broker-with-a-name-that-is-longer-than-any-column-of-a-table-would-have-it.csv"
    page.locator("#statement-form input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": _book(trades)}
    )
    expect(page.get_by_role("region", name="The first rows of the file")).to_be_visible()
    for field, column in MAPPING.items():
        page.locator(f"#columns select[name=map-{field}]").select_option(column)
    look_over(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/analytics/statements/*-*/")
    expect(page.get_by_text("differs", exact=True)).to_be_visible()
    expect(page.get_by_text("told otherwise").first).to_be_visible()
    look_over(page)
    page.goto("/analytics/statements/")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    look_over(page)
    page.get_by_role("link", name=name).click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take out").click()
    page.wait_for_url("**/analytics/statements/")


def test_a_note_is_written_with_a_picture_of_the_chart(open_page: OpenPage) -> None:
    chart = open_page("/chart/NSE:HDFCBANK/")
    expect(chart.locator("#chart")).to_have_attribute("data-ready", "")
    picture = chart.locator("#chart").screenshot()

    page = open_page("/analytics/journal/")
    page.get_by_label("Title").fill("Sold into the close " * 4)
    page.get_by_label("Notes").fill("A word without an end: " + "x" * 300)
    page.get_by_label("Tags").fill("patience, close")
    page.get_by_role("button", name="Write into the journal").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sold into the close")
    page.locator("input[type=file]").set_input_files(
        {"name": "chart.png", "mimeType": "image/png", "buffer": picture}
    )
    page.get_by_label("Caption").fill("HDFCBANK at the close")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("img", name="HDFCBANK at the close")).to_be_visible()
    look_over(page)
    page.get_by_role("link", name="Journal", exact=True).first.click()
    look_over(page)
    page.get_by_role("link", name="Sold into the close").first.click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the entry").click()
    expect(page.get_by_role("link", name="Sold into the close")).to_have_count(0)


def test_every_page_of_a_full_account_and_the_tear_sheet_on_paper(open_page: OpenPage) -> None:
    page = open_page("/analytics/")
    account = _account(page)
    for path in PAGES:
        page.goto(f"/analytics/{path}?account={account}")
        look_over(page)
    page.goto(f"/analytics/?account={account}")
    page.get_by_role("navigation", name="Analytics").get_by_role("link", name="Tear sheet").click()
    expect(page.get_by_role("heading", name=ACCOUNT)).to_be_visible()
    assert page.pdf().startswith(b"%PDF-")
