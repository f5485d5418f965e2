"""The chart as a desk for the day: what a trader sets up and draws is there again, and a replay takes no orders."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from .conftest import DESKTOP, PHONE, OpenPage
from .looking import axe_violations, width

pytestmark = pytest.mark.browser

# Of charts that no other journey looks at, so that what is left behind changes nothing.
INFY, SBIN, ITC, LT = (f"/chart/NSE:{symbol}/" for symbol in ("INFY", "SBIN", "ITC", "LT"))


def _ready(page: Page) -> Locator:
    chart = page.locator("#chart")
    expect(chart).to_have_attribute("data-ready", "")
    return chart


def _add_indicator(page: Page, words: str) -> None:
    page.keyboard.press("i")
    dialog = page.locator("#chart-indicators")
    dialog.get_by_label("Find an indicator").fill(words)
    dialog.locator("button.item").first.click()


def _is_look(answer: Response) -> bool:
    """Whether it says that a chart's look was kept, which is half a second after its last change."""
    return "/chart-layouts/" in answer.url and answer.ok


def _indicators_kept(answer: Response) -> Any:
    """The indicators of the look that an answer says is kept, None of any other answer."""
    look: Any = answer.request.post_data_json if _is_look(answer) else None
    return look and look["indicators"]


def _writes_a_drawing(method: str) -> Callable[[Response], bool]:
    """Whether an answer says that a drawing was kept (PUT) or deleted (DELETE)."""
    return lambda answer: "/chart-drawings/" in answer.url and answer.request.method == method


def _rows(page: Page) -> Locator:
    return page.locator(".chart-row")


def _drag(page: Page, left: tuple[int, int], right: tuple[int, int]) -> None:
    box = page.locator("#chart").bounding_box()
    assert box
    page.mouse.move(box["x"] + left[0], box["y"] + left[1])
    page.mouse.down()
    page.mouse.move(box["x"] + right[0], box["y"] + right[1], steps=6)
    page.mouse.up()


def test_indicators_survive_a_reload_with_their_settings_and_can_be_removed(open_page: OpenPage) -> None:
    page = open_page(INFY)
    _ready(page)
    _add_indicator(page, "rsi")
    expect(_rows(page)).to_contain_text([re.compile(r"RSI 14 close\s*\d")])
    _add_indicator(page, "exponential")
    expect(_rows(page).filter(has_text=re.compile("^EMA"))).to_have_count(1)
    row = _rows(page).filter(has_text="RSI")
    row.hover()
    row.get_by_role("button", name="Settings of").click()
    page.get_by_label("Period").fill("21")
    page.get_by_label("Colour of rsi").select_option("RED")
    with page.expect_response(lambda answer: "21" in str(_indicators_kept(answer))):
        page.get_by_role("button", name="Apply").click()
        expect(_rows(page).filter(has_text=re.compile(r"RSI 21 close\s*\d"))).to_have_count(1)

    page.goto(INFY)
    _ready(page)
    expect(_rows(page).filter(has_text=re.compile(r"RSI 21 close\s*\d"))).to_have_count(1)
    assert page.locator("#chart").evaluate("node => node.querySelectorAll('table tr').length") >= 3, (
        "a pane of its own"
    )

    with page.expect_response(lambda answer: _indicators_kept(answer) == []):
        for name in ("RSI", "EMA"):
            row = _rows(page).filter(has_text=re.compile(f"^{name}"))
            row.hover()
            row.get_by_role("button", name="Remove").click()
            expect(row).to_have_count(0)
    page.goto(INFY)
    _ready(page)
    expect(_rows(page)).to_have_count(0)


def test_a_trend_line_is_drawn_undone_done_again_kept_and_deleted(open_page: OpenPage) -> None:
    page = open_page(SBIN)
    _ready(page)
    count = page.locator("#chart-drawing-count")
    page.get_by_role("button", name="Trend line").click()
    # Each is waited for, or the answer to the first would pass for that to the last.
    with page.expect_response(_writes_a_drawing("PUT")):
        _drag(page, (220, 140), (420, 220))
    expect(count).to_have_text("1")
    with page.expect_response(_writes_a_drawing("DELETE")):
        page.keyboard.press("Control+z")
    expect(count).to_have_text("")
    with page.expect_response(_writes_a_drawing("PUT")):
        page.keyboard.press("Control+y")

    page.goto(SBIN)
    _ready(page)
    expect(count).to_have_text("1")
    (kept,) = page.request.get("/api/v1/chart-drawings?symbol=NSE:SBIN").json()["results"]
    assert kept["kind"] == "TREND"
    assert kept["first_time"] < kept["second_time"]

    # At another interval it lies at the same times and prices; it is selected where it lies, and deleted by a key.
    page.get_by_role("button", name="15m").click()
    page.get_by_role("button", name="5m", exact=True).click()
    page.locator(".chart-drawn summary").click()
    page.locator("#chart-drawing-list").get_by_role("button", name="Trend line", exact=True).click()
    page.keyboard.press("Escape")
    page.locator(".chart-drawn summary").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Delete Trend line").click()
    expect(count).to_have_text("")
    assert page.request.get("/api/v1/chart-drawings?symbol=NSE:SBIN").json()["results"] == []


def test_a_line_is_moved_by_hand_and_a_text_is_written(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:WIPRO/")
    _ready(page)
    page.get_by_role("button", name="Horizontal line").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.status == 201):
        _drag(page, (300, 150), (300, 150))
    (before,) = page.request.get("/api/v1/chart-drawings?symbol=NSE:WIPRO").json()["results"]
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.status == 200):
        _drag(page, (260, 150), (260, 210))
    (after,) = page.request.get("/api/v1/chart-drawings?symbol=NSE:WIPRO").json()["results"]
    assert float(after["first_price"]) < float(before["first_price"])

    page.get_by_role("button", name="Text", exact=True).click()
    _drag(page, (200, 100), (200, 100))
    page.locator("#chart-text-input").fill("Results on Friday")
    page.get_by_role("button", name="Put it there").click()
    expect(page.locator("#chart-drawing-count")).to_have_text("2")
    page.locator(".chart-drawn summary").click()
    for name in ("Delete Results on Friday", "Delete Horizontal line"):
        with page.expect_response(lambda answer: answer.request.method == "DELETE"):
            page.get_by_role("button", name=name).click()


def test_another_instrument_is_compared_in_per_cent_and_kept(open_page: OpenPage) -> None:
    page = open_page(ITC)
    _ready(page)
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("combobox", name="Compare with").fill("hindunilvr")
    with page.expect_response(_is_look):
        page.locator("#chart-found [role=option]").first.click()
    row = _rows(page).filter(has_text="NSE:HINDUNILVR")
    expect(row).to_contain_text("%")
    page.goto(ITC)
    _ready(page)
    row.hover()
    with page.expect_response(_is_look):
        row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_style_scale_and_interval_are_kept(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:TITAN/")
    _ready(page)
    page.get_by_label("How prices are drawn").select_option("HEIKIN_ASHI")
    page.get_by_label("Price scale").select_option("LOG")
    with page.expect_response(lambda answer: _is_look(answer) and '"1h"' in str(answer.request.post_data)):
        page.get_by_role("button", name="1h", exact=True).click()
    page.goto("/chart/NSE:TITAN/")
    _ready(page)
    expect(page.get_by_label("How prices are drawn")).to_have_value("HEIKIN_ASHI")
    expect(page.get_by_label("Price scale")).to_have_value("LOG")
    expect(page.get_by_role("button", name="1h", exact=True)).to_have_attribute("aria-pressed", "true")
    for style in ("HOLLOW", "BARS", "LINE", "AREA", "CANDLES"):
        page.get_by_label("How prices are drawn").select_option(style)
    page.locator(".chart-drawn summary").click()
    page.get_by_role("button", name="Back to the default look").click()
    expect(page.get_by_label("How prices are drawn")).to_have_value("CANDLES")


def test_scrolling_back_loads_older_bars(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:RELIANCE/?interval=1m")
    _ready(page)
    page.locator("[data-chart-focus]").focus()
    with page.expect_response(lambda answer: "/candles/" in answer.url and "&to=" in answer.url) as waited:
        # The time scale has no range before the chart's first frame, and a key that comes sooner moves nothing.
        for _ in range(40):
            page.keyboard.press("-")
            page.wait_for_timeout(50)
    assert waited.value.ok


def test_a_replay_shows_bar_after_bar_and_takes_no_orders(open_page: OpenPage) -> None:
    page = open_page("/chart/NSE:TCS/")
    _ready(page)
    expect(page.locator("main form[data-ticket] #ticket-submit")).to_be_enabled()
    page.get_by_role("button", name="Replay").click()
    replay = page.get_by_role("group", name="Replay")
    expect(replay).to_be_visible()
    expect(page.get_by_text("Orders are off until you leave it")).to_be_visible()
    assert page.locator("main form[data-ticket]").evaluate("node => node.closest('[inert]') !== null")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("dialog[open]")).to_have_count(0)

    clock = replay.locator("[data-clock]")
    expect(clock).to_contain_text("09:15")
    first = clock.inner_text()
    replay.get_by_role("button", name="One bar on").click()
    expect(clock).to_contain_text("09:20")
    replay.get_by_role("button", name="One bar back").click()
    expect(clock).to_have_text(first)
    replay.get_by_label("Bars a second").select_option("10")
    replay.get_by_role("button", name="Play").click()
    expect(clock).to_contain_text(re.compile(r"09:[345]\d|1\d:"))
    replay.get_by_role("button", name="Pause").click()
    # What was not known is not shown: the newest row of the table is the replayed bar.
    page.get_by_role("button", name="Show the candles as a table").click()
    expect(page.locator("#chart-table tr").first.locator("th")).to_have_text(clock.inner_text())
    page.get_by_role("button", name="Show the candles as a table").click()

    replay.get_by_role("button", name="Leave").click()
    expect(replay).to_be_hidden()
    assert page.locator("main form[data-ticket]").evaluate("node => node.closest('[inert]') === null")


# A chart each: what the first one adds is kept for the user.
@pytest.mark.parametrize(
    ("symbol", "viewport", "theme"),
    [("NSE:NTPC", DESKTOP, "light"), ("NSE:LT", PHONE, "dark")],
    ids=["desktop", "phone"],
)
def test_axe_finds_nothing_with_indicators_drawings_and_a_replay(
    symbol: str, viewport: dict[str, int], theme: str, open_page: OpenPage
) -> None:
    page = open_page(f"/chart/{symbol}/", viewport=viewport, theme=theme)
    _ready(page)
    _add_indicator(page, "rsi")
    expect(_rows(page)).to_have_count(1)
    page.get_by_role("button", name="Horizontal line").click()
    _drag(page, (150, 150), (150, 150))
    expect(page.locator("#chart-drawing-acts")).to_be_visible()
    page.locator('[data-chart-act="replay"]').click()
    expect(page.locator("#chart-replay")).to_be_visible()
    assert axe_violations(page) == []
    assert width(page) <= viewport["width"]
    page.keyboard.press("i")
    expect(page.locator("#chart-indicators button.item").first).to_be_visible()
    assert axe_violations(page) == []


def test_the_market_page_follows_the_prices(open_page: OpenPage) -> None:
    page = open_page("/market/")
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.get_by_role("region", name="Gainers").or_(page.get_by_label("Gainers")).first).to_be_visible()
    cell = page.locator(".index [data-field=ltp]").first
    expect(cell).to_have_text(re.compile(r"\d"))
    before = cell.inner_text()
    expect(cell).not_to_have_text(before, timeout=15_000)
    page.locator(".tile").first.click()
    page.wait_for_url("**/chart/NSE:*/")
