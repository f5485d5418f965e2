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
# A chart that no other journey looks at: drawings are kept for the member.
PICTURED = "NSE:MARUTI"
MAPPING = {
    "date": "When",
    "symbol": "What",
    "side": "Dir",
    "quantity": "Units",
    "price": "Rs each",
    "trade_id": "No.",
}
# The width of the picture that is shown, and how many of its points have the colour that a drawing begins with.
AMBER = """async () => {
  const image = document.querySelector(".chart-shot");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = data.subarray(at, at + 3);
    if (red - green > 20 && green - blue > 35) found += 1;
  }
  return [canvas.width, found];
}"""
"""The picture's width, and how many of its pixels are of the hue that drawings have and candles have not."""
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


def test_a_picture_is_taken_from_the_chart_by_keyboard_and_another_for_the_same_entry(open_page: OpenPage) -> None:
    page = open_page(f"/chart/{PICTURED}/")
    chart = page.locator("#chart")
    expect(chart).to_have_attribute("data-ready", "")
    page.locator("[data-tool=HORIZONTAL]").click()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 150, box["y"] + 60)
    page.keyboard.press("Escape")
    button = page.locator("[data-chart-act=journal]")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add to journal")
    expect(dialog.get_by_role("img")).to_be_visible()
    width, amber = page.evaluate(AMBER)
    assert amber > width / 2, "the drawn line is in the picture"
    look_over(page)
    dialog.get_by_label("Into").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Seen on the chart")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()

    page.goto("/analytics/journal/?q=Seen+on+the+chart")
    page.get_by_role("link", name="Seen on the chart").first.click()
    expect(page.locator("figure.picture img")).to_have_count(1)
    expect(page.locator("figure.picture figcaption")).to_contain_text(PICTURED)
    entry = page.url
    page.get_by_role("link", name="Picture from the chart").click()
    expect(chart).to_have_attribute("data-ready", "")
    button.click()
    expect(dialog.get_by_label("Into").locator("option:checked")).to_contain_text("Seen on the chart")
    expect(dialog.get_by_label("Title")).to_be_hidden()
    dialog.get_by_role("button", name="Add the picture").click()
    expect(dialog).to_be_hidden()
    page.goto(entry)
    expect(page.locator("figure.picture img")).to_have_count(2)
    page.once("dialog", lambda confirm: confirm.accept())
    page.get_by_role("button", name="Delete the entry").click()
    expect(page.get_by_role("link", name="Seen on the chart")).to_have_count(0)
    (line,) = call(page, "GET", f"chart-drawings?symbol={PICTURED}")["results"]
    call(page, "DELETE", f"chart-drawings/{line['id']}")


def test_the_chart_of_a_trade_stands_at_its_end_and_its_picture_is_about_it(open_page: OpenPage) -> None:
    page = open_page("/analytics/")
    account = _account(page)
    page.goto(f"/analytics/trades/?account={account}")
    page.get_by_role("link", name="for a picture").last.click()
    expect(page.locator("#chart")).to_have_attribute("data-ready", "")
    page.locator("[data-chart-act=journal]").click()
    dialog = page.get_by_role("dialog", name="Add to journal")
    expect(dialog.get_by_label("Into").locator("option:checked")).to_have_text("A new entry about this trade")
    dialog.get_by_label("Title").fill("A trade seen again")
    dialog.get_by_role("button", name="Add the picture").click()
    expect(dialog).to_be_hidden()
    (entry,) = call(page, "GET", f"analytics/journal?account={account}&q=seen+again")["results"]
    assert entry["closed_by"]
    assert len(entry["pictures"]) == 1
    call(page, "DELETE", f"analytics/journal/{entry['id']}")


def test_who_may_not_write_the_journal_is_offered_no_picture(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:SBIN/", user="viewer@alpha.demo")
    expect(page.locator("#chart")).to_have_attribute("data-ready", "")
    expect(page.locator("[data-chart-act=journal]")).to_have_count(0)


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
