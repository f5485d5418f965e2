"""Lines of orders, stops and triggers on the chart, moved by the pointer and by the keys as a trader would."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import OpenPage

pytestmark = pytest.mark.browser

SYMBOL = "NSE:ICICIBANK"
CHART = "/chart/NSE:ICICIBANK/"
STEP = 3  # pixels; a line is taken from 6 away

# What is asked for, where it then says its price, and its distance from the market in per cent.
LINES: dict[str, tuple[str, dict[str, Any], str, float]] = {
    "order": ("orders", {"order_type": "LIMIT"}, "price", -1.0),
    "stop": ("orders", {"order_type": "SL_M"}, "trigger_price", 1.0),
    "trigger": ("triggers", {"kind": "SINGLE"}, "trigger_price", -1.5),
}


def call(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The API as the page itself would call it."""
    script = """async ([method, path, body]) => {
      const token = JSON.parse(document.body.getAttribute("hx-headers"));
      const headers = { "Content-Type": "application/json", ...token };
      const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
      return [answer.status, answer.status === 204 ? null : await answer.json()];
    }"""
    status, answer = page.evaluate(script, [method, path, body])
    assert status < 400, answer
    return answer


def place(page: Page, kind: str, *, away: float | None = None) -> tuple[str, str]:
    """One line on the chart, so many per cent above the market; where the API shows it, and its price there."""
    path, terms, field, usual = LINES[kind]
    away = usual if away is None else away
    shown = page.locator(f"[data-live='{SYMBOL}'][data-field=ltp]").first
    expect(shown).to_have_text(re.compile(r"\d"))
    at = f"{round(float(shown.inner_text().replace(',', '')) * (1 + away / 100)):.2f}"
    account = call(page, "GET", "accounts")
    account_id = (account["results"] if isinstance(account, dict) else account)[0]["id"]
    common = {"account": account_id, "symbol": SYMBOL, "side": "BUY", "quantity": 1, "product": "INTRADAY"}
    legs = {"legs": [{"role": "SINGLE", "trigger_price": at}]} if path == "triggers" else {field: at}
    made = call(page, "POST", path, {**common, **terms, **legs, "client_order_id": uuid4().hex})
    return f"{path}/{made['id']}", at


def price_of(page: Page, place: str, kind: str) -> float:
    found = call(page, "GET", place)
    return float(found["legs"][0]["trigger_price"] if kind == "trigger" else found[LINES[kind][2]])


def widen(page: Page, chart: Locator) -> None:
    """Pull the price axis until a few per cent around the market are in view."""
    box = chart.bounding_box()
    assert box is not None
    axis, middle = box["x"] + box["width"] - 20, box["y"] + box["height"] * 0.3
    page.mouse.move(axis, middle)
    page.mouse.down()
    page.mouse.move(axis, middle + box["height"] * 0.45, steps=6)
    page.mouse.up()


def line_under(page: Page, chart: Locator) -> tuple[float, float]:
    """Move down the chart until it says that a line is under the pointer."""
    box = chart.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.5, box["y"] + 10
    while y < box["y"] + box["height"] - 30:
        page.mouse.move(x, y)
        if "over-line" in (chart.get_attribute("class") or ""):
            return x, y + STEP
        y += STEP
    pytest.fail("no line is under the pointer anywhere on the chart")


@pytest.mark.parametrize("kind", LINES)
def test_a_line_is_dragged_by_the_pointer_and_moved_by_the_keys(open_page: OpenPage, kind: str) -> None:
    page = open_page(CHART)
    chart = page.locator("#chart")
    where, at = place(page, kind)
    chip = page.locator("#chart-orders button").first
    expect(chip).to_contain_text(f"{float(at):,.2f}")
    widen(page, chart)

    x, y = line_under(page, chart)
    page.mouse.down()
    page.mouse.move(x, y + 6, steps=2)
    page.mouse.move(x, y + 12, steps=2)
    assert price_of(page, where, kind) == float(at), "nothing is sent before it is let go"
    page.mouse.up()
    expect(page.get_by_text(re.compile("^Moved "))).to_be_visible()
    dragged = price_of(page, where, kind)
    assert dragged < float(at)
    expect(chip).to_contain_text(f"{dragged:,.2f}")

    x, y = line_under(page, chart)
    page.mouse.down()
    page.mouse.move(x, y - 20, steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert price_of(page, where, kind) == dragged, "Escape puts it back"

    chip.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    with page.expect_response(lambda answer: answer.request.method == "PUT" and where in answer.url):
        page.keyboard.press("Enter")
    expect(chip).not_to_contain_text(f"{dragged:,.2f}")
    assert dragged < price_of(page, where, kind) < dragged + 1
    call(page, "DELETE", where)
    expect(page.locator("#chart-orders button")).to_have_count(0)
