"""Every page in both themes, at a desk and on a narrow phone: no script error, axe content, nothing cut off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from .conftest import DESKTOP, TRADER, LogIn, OpenPage
from .looking import NARROW, axe_violations, settle, width
from .test_backtests import ask
from .test_chart_lines import CHART, call, place

pytestmark = pytest.mark.browser

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


@pytest.fixture(scope="module", autouse=True)
def _rows_in_the_lists(browser: Browser, desk_url: str, log_in: LogIn) -> Iterator[None]:
    """An order that rests, a trigger that watches, a key, a backtest that ran."""
    with browser.new_context(base_url=desk_url, storage_state=log_in(TRADER)) as context:
        page = context.new_page()
        page.goto(CHART)
        # Too far from the market to be reached meanwhile.
        placed = [place(page, kind, away=-6)[0] for kind in ("order", "trigger")]
        call(page, "POST", "api-keys", {"name": "Of the pages", "scopes": ["VIEW_MARKET"]})
        ask(page, "backtests")
    yield
    with browser.new_context(base_url=desk_url, storage_state=log_in(TRADER)) as context:
        page = context.new_page()
        page.goto("/profile/")
        for where in placed:
            call(page, "DELETE", where)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "dark"), (NARROW, "light")], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_overflows(
    path: str, viewport: dict[str, int], theme: str, look_at: OpenPage
) -> None:
    page = look_at(path, viewport=viewport, theme=theme)
    settle(page)

    assert width(page) <= viewport["width"]
    assert axe_violations(page) == []


@pytest.mark.parametrize(
    ("path", "user"), [*((path, "owner@alpha.demo") for path in OWNERS_PATHS), *((path, "") for path in ENTRANCES)]
)
def test_axe_finds_nothing_for_owners_and_strangers(path: str, user: str, look_at: OpenPage) -> None:
    page = look_at(path, user=user, theme="light")
    settle(page)

    assert axe_violations(page) == []
