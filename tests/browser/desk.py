"""What a trader does on the pages, as steps that several journeys share."""

import re

from playwright.sync_api import Locator, Page, expect

RELIANCE = "NSE:RELIANCE"


def find_reliance(page: Page) -> None:
    """From any page to RELIANCE's chart, by the keyboard alone."""
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search instruments and commands").fill("reliance")
    found = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(found.first).to_contain_text("RELIANCE")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/chart/{RELIANCE}/")


def ticket(page: Page) -> Locator:
    """The ticket beside the chart, previewed and ready."""
    form = page.locator("main form[data-ticket]")
    expect(form.locator("#ticket-submit")).to_be_enabled()
    return form


def last_price(form: Locator) -> float:
    """The price that a ticket shows, in rupees."""
    shown = form.locator("[data-field=ltp]").first
    expect(shown).to_have_text(re.compile(r"\d"))
    return float(shown.inner_text().replace(",", ""))


def buy_at_market(page: Page, *, quantity: int) -> None:
    """Buy on the desk; the result is the order's true state, the position shows in the book."""
    form = ticket(page)
    form.get_by_label("Quantity", exact=True).fill(str(quantity))
    form.get_by_role("button", name=f"Buy {quantity} at market").click()
    expect(page.locator(".result-state")).to_contain_text(f"Bought {quantity} RELIANCE")
    expect(page.locator(f"#book-body [data-symbol='{RELIANCE}']").first).to_be_visible()


def rest_a_limit_order(page: Page) -> None:
    """A buy order 3 % under the market waits at the price that was typed."""
    page.get_by_role("link", name="New order").click()
    form = ticket(page)
    last = last_price(form)
    form.locator("[name=order_type][value=LIMIT]").check()
    price = int(last * 0.97)
    form.locator("[name=price]").fill(str(price))
    form.get_by_role("button", name=f"Buy 1 at {price:,}").click()
    expect(page.locator(".result-state")).to_contain_text(f"Resting at {price:,}")
    expect(page.locator("#count-orders")).to_have_text("1")


def modify_and_cancel(page: Page) -> None:
    """The waiting order becomes three shares, and is then taken back."""
    page.get_by_role("tab", name="Open orders").click()
    row = page.locator(f"#book-body tr[data-symbol='{RELIANCE}']")
    row.get_by_role("link", name="Modify").click()
    sheet = page.get_by_role("form", name=re.compile("^Modify"))
    sheet.locator("[name=quantity]").fill("3")
    sheet.get_by_role("button", name="Change to 3").click()
    expect(row.locator("td.num").nth(1)).to_contain_text("3")
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("No open orders")).to_be_visible()


def close_the_position(page: Page) -> None:
    """Close RELIANCE at market from the book under the chart."""
    page.get_by_role("tab", name="Positions").click()
    row = page.locator(f"#book-body tr[data-symbol='{RELIANCE}']")
    row.hover()
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Close").click()
    expect(row).to_contain_text("Closed")
