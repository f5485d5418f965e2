"""Every page in both themes, at a desk and on a narrow phone: no script error, axe content, nothing cut off."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from .conftest import DESKTOP, ROOT, OpenPage

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NARROW = {"width": 360, "height": 740}
PATHS = [
    "/",
    "/market/",
    "/market/health/",
    "/datafeed/",
    "/watchlist/",
    "/chart/NSE:RELIANCE/",
    "/chart/NSE:NIFTY/",
    "/orders/",
    "/orders/?view=all",
    "/orders/trades/",
    "/orders/groups/",
    "/orders/baskets/",
    "/orders/multi-leg/",
    "/options/NIFTY/",
    "/options/builder/?shape=iron-condor",
    "/orders/positions/close-all/",
    "/triggers/",
    "/triggers/new/?symbol=NSE:RELIANCE",
    "/triggers/new/?symbol=NSE:TCS&side=SELL&kind=BRACKET",
    "/orders/ticket/?symbol=NSE:TCS&side=SELL",
    "/strategies/",
    "/strategies/supertrend/",
    "/strategies/iron_condor/",
    "/strategies/runs/",
    "/strategies/runs/new/",
    "/strategies/runs/new/?strategy=iron_condor",
    "/backtests/",
    "/backtests/new/?strategy=iron_condor",
    "/backtests/new/?strategy=supertrend&kind=WALK_FORWARD",
    "/backtests/compare/",
    "/analytics/",
    "/analytics/trades/",
    "/analytics/journal/",
    "/analytics/tax/",
    "/analytics/tear-sheet/",
    "/analytics/statements/",
    "/analytics/conventions/",
    "/positions/",
    "/holdings/",
    "/funds/",
    "/risk/",
    "/risk/decisions/",
    "/risk/sizing/",
    "/notifications/",
    "/profile/",
    "/organisation/members/",
    "/api-keys/",
    "/accounts/2fa/",
    "/accounts/password/change/",
    "/accounts/sessions/",
]
OWNERS_PATHS = [
    "/organisation/members/",
    "/audit/",
    "/funds/",
    "/risk/exposure/",
    "/risk/limits/",
    "/risk/decisions/",
    "/risk/breaches/",
    "/risk/sizing/",
    "/risk/kill-switch/",
    "/strategies/code/new/",
]
ENTRANCES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "dark"), (NARROW, "light")], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_overflows(
    path: str, viewport: dict[str, int], theme: str, open_page: OpenPage
) -> None:
    page = open_page(path, viewport=viewport, theme=theme)
    page.wait_for_timeout(500)

    assert _width(page) <= viewport["width"]
    assert _axe_violations(page, AXE) == []


@pytest.mark.parametrize(
    ("path", "user"), [*((path, "owner@alpha.demo") for path in OWNERS_PATHS), *((path, "") for path in ENTRANCES)]
)
def test_axe_finds_nothing_for_owners_and_strangers(path: str, user: str, open_page: OpenPage) -> None:
    page = open_page(path, user=user, theme="light")
    page.wait_for_timeout(200)

    assert _axe_violations(page, AXE) == []


def _width(page: Page) -> int:
    width: int = page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.getElementById('work').scrollWidth)"
    )
    return width


def _axe_violations(page: Page, script: Path) -> list[str]:
    # Through the debugger, not a script element: the page's own policy stays in force.
    page.evaluate(script.read_text())
    report = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]
