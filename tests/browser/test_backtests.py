"""Backtests as a trader meets them: form and result, a sweep's heat map, a walk-forward, runs side by side."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .looking import look_over
from .test_chart_lines import call

pytestmark = pytest.mark.browser

LONG_NAME = "Averages on a share " * 5
TABS = ("On the chart", "Distribution", "By day and hour", "Drawdowns", "Monte Carlo", "Orders", "Journal")
# The demo knows some weeks up to now.
LAST = datetime.now(UTC).date()
FIRST = LAST - timedelta(days=30)
SPAN = {"from": FIRST.isoformat(), "to": LAST.isoformat()}
AVERAGES = {"strategy": "ma_cross", "symbols": ["NSE:RELIANCE"], "interval": "15m", **SPAN}
AXES = {"axes": {"fast": [5, 8], "slow": [20, 30, 40]}}


def ask(page: Page, path: str, **terms: Any) -> str:
    """Have a run done; its id."""
    made = call(page, "POST", path, AVERAGES | terms)
    for _ in range(240):
        if call(page, "GET", f"{path}/{made['id']}")["status"] not in ("QUEUED", "RUNNING"):
            return str(made["id"])
        page.wait_for_timeout(250)
    pytest.fail(f"{path} did not end")


def test_a_backtest_from_the_form_to_every_tab_of_its_result(open_page: OpenPage) -> None:
    page = open_page("/backtests/new/?strategy=ma_cross")
    instruments = page.locator("[name$=symbols]").first
    instruments.fill("NSE:NOSUCHSHARE")
    expect(page.locator("#verdict .verdict.bad")).to_contain_text("NOSUCHSHARE")
    instruments.fill("NSE:RELIANCE")
    expect(page.get_by_text("This can run.")).to_be_visible()
    page.get_by_label("Name").fill(LONG_NAME)
    page.get_by_role("button", name="Run it").click()

    page.wait_for_url(re.compile(r"/backtests/[0-9a-f-]{36}/$"))
    expect(page.get_by_text(re.compile("^Done in"))).to_be_visible(timeout=60_000)
    expect(page.locator("[data-performance-readout]").first).to_contain_text("₹")
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG_NAME.strip())
    look_over(page)
    for name in TABS:
        tab = page.get_by_role("tab", name=name)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(page.locator("#panel.htmx-request")).to_have_count(0)
        look_over(page)
    page.get_by_role("tab", name="On the chart").click()
    expect(page.locator("[data-chart-note]")).to_contain_text(re.compile(r"[1-9]\d* fills"))


def test_a_cell_of_a_sweeps_heat_map_is_run_alone(open_page: OpenPage) -> None:
    page = open_page("/backtests/")
    sweep = ask(page, "sweeps", **AXES)
    page.goto(f"/backtests/{sweep}/")
    cells = page.locator(".heat-grid td a")
    expect(cells).to_have_count(6)
    look_over(page)
    page.locator(".heat-grid td.best a").click()
    page.wait_for_url("**/backtests/new/**")
    expect(page.get_by_text("This can run.")).to_be_visible()
    chosen = dict(re.findall(r"p_(fast|slow)=(\d+)", page.url))
    for name, value in chosen.items():
        expect(page.locator(f"[name$=p_{name}]")).to_have_value(value)
    assert set(chosen) == {"fast", "slow"}


def test_a_walk_forward_and_two_backtests_side_by_side(open_page: OpenPage) -> None:
    page = open_page("/backtests/")
    forward = ask(page, "walk-forwards", **AXES, in_sample_days=8, out_of_sample_days=4)
    one, other = (ask(page, "backtests", name=name) for name in (LONG_NAME, "Short"))
    page.goto(f"/backtests/{forward}/")
    expect(page.get_by_role("region", name="Windows").locator("tbody tr").first).to_be_visible()
    look_over(page)
    page.goto("/backtests/")
    for run in (one, other):
        page.locator(f"#compare-{run}").check()
    look_over(page)
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/backtests/compare/**")
    for table in ("Figures", "Settings"):
        expect(page.get_by_role("region", name=table).locator("thead a")).to_have_count(2)
    look_over(page)
