"""The pages stay light: what the first one carries, and how calmly fifty symbols tick."""

import gzip

import pytest
from playwright.sync_api import Page, Response

from .conftest import OpenPage

pytestmark = pytest.mark.browser

LARGEST_FIRST_PAGE = 100 * 1024
SYMBOLS = 50
LONGEST_TASK_MS = 50
WINDOWS = 6
LARGEST_SHIFT = 0.01

OBSERVE = """
window.tasks = []; window.shift = 0; window.moved = [];
new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(e => Math.round(e.duration))))
  .observe({type: "longtask", buffered: false});
new PerformanceObserver(list => list.getEntries().forEach(e => {
  if (e.hadRecentInput) return;
  window.shift += e.value;
  window.moved.push(...e.sources.map(s => (s.node?.outerHTML ?? s.node?.textContent ?? "").slice(0, 120)));
})).observe({type: "layout-shift", buffered: true});
"""

FILL = """
symbols => {
  const table = document.createElement("table");
  for (const symbol of symbols) {
    const row = table.insertRow();
    for (const field of ["ltp", "change", "change_pct", "bid", "ask", "volume"]) {
      const cell = row.insertCell();
      Object.assign(cell.dataset, {live: symbol, field});
    }
  }
  document.getElementById("work").append(table);
  document.dispatchEvent(new Event("htmx:afterSettle"));
  return table.rows.length;
}
"""


@pytest.mark.parametrize("path", ["/", "/chart/NSE:RELIANCE/"])
def test_own_css_and_js_stay_under_100_kb(path: str, open_page: OpenPage) -> None:
    page = open_page("/profile/")
    carried: list[Response] = []
    page.on("response", lambda response: carried.append(response))
    page.goto(path)
    page.wait_for_load_state("networkidle")

    own = [one for one in carried if "/static/" in one.url and one.url.partition("?")[0].endswith((".css", ".js"))]
    weight = sum(len(gzip.compress(one.body())) for one in own)

    assert own
    assert weight <= LARGEST_FIRST_PAGE, weight


@pytest.mark.parametrize("path", ["/", "/watchlist/", "/chart/NSE:RELIANCE/", "/positions/"])
def test_nothing_shifts_while_a_page_settles(path: str, open_page: OpenPage) -> None:
    page = open_page(path)
    page.evaluate(OBSERVE)
    page.wait_for_timeout(2500)

    assert page.evaluate("window.shift") <= LARGEST_SHIFT, page.evaluate("window.moved")


def test_fifty_ticking_symbols_never_hold_the_page_up(open_page: OpenPage) -> None:
    page = open_page("/profile/")
    answer = page.request.get("/api/v1/instruments?page_size=100").json()
    keys = [one["key"] for one in answer["results"] if one["is_active"]][:SYMBOLS]
    assert page.evaluate(FILL, keys) == SYMBOLS
    page.wait_for_timeout(1500)
    page.evaluate(OBSERVE)

    assert [] in (_long_tasks(page) for _ in range(WINDOWS))


def _long_tasks(page: Page) -> list[int]:
    """Tasks over the limit in four seconds; a machine busy with other things gets several windows."""
    page.evaluate("window.tasks = []")
    page.wait_for_timeout(4000)
    return [task for task in page.evaluate("window.tasks") if task > LONGEST_TASK_MS]
