"""The tear sheet as a file: what stands on it, read back from the PDF itself."""

import io
from datetime import date, timedelta

import numpy as np
import pdfplumber
import pytest

from accounts.domain.permissions import Role
from analytics.domain.equity import constant_capital
from analytics.domain.report import PerformanceReport, performance_report
from analytics.pdf import SheetTable, TearSheet, tear_sheet_pdf
from analytics.pdf.charts import ticks
from tests.access.world import client_of
from tests.analytics.books import a_round
from tests.factories import make_member
from tests.orders.desk import Desk


def report_of(days: int) -> PerformanceReport:
    chance = np.random.default_rng(7)
    worth = (10_00_000_00 * np.cumprod(1 + chance.normal(0.0005, 0.01, days))).astype(np.int64)
    dates = tuple(date(2026, 11, 20) - timedelta(days=days - 1 - at) for at in range(days))
    return performance_report(constant_capital(dates, worth, 10_00_000_00))


def texts(content: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(content)) as file:
        return [page.extract_text() for page in file.pages]


@pytest.mark.parametrize("days", [1, 2, 30, 250, 3_650])
def test_a_sheet_is_two_pages_of_a4_however_long_the_span(days: int) -> None:
    content = tear_sheet_pdf(report_of(days), TearSheet("Account", ["Paper"], "21 Nov 2026"))
    with pdfplumber.open(io.BytesIO(content)) as file:
        assert [(round(page.width), round(page.height)) for page in file.pages] == [(595, 842)] * 2
        for page in file.pages:
            # Nothing is drawn off the sheet.
            for thing in (*page.chars, *page.lines, *page.curves, *page.rects):
                assert 0 <= thing["x0"] <= thing["x1"] <= page.width
                assert 0 <= thing["top"] <= thing["bottom"] <= page.height
    assert len(content) < 200_000


def test_the_sheet_tells_the_reports_own_figures_and_conventions() -> None:
    report = report_of(250)
    table = SheetTable("Strategies", [("orb-15", "12 trades", "+₹8,412", 1)])
    first, second = texts(
        tear_sheet_pdf(report, TearSheet("Desk one", ["Paper", "tag x"], "now", [table], ["Noted."]))
    )
    for told in ("Desk one", "Paper · tag x · net of charges, in rupees", "16 Mar 2026 to 20 Nov 2026"):
        assert told in first
    assert f"{report.risk.sharpe:.2f}" in first.replace("–", "-")
    assert f"{report.months[-1].total * 100:+.2f}".replace("-", "–") in first
    for told in (
        "Sortino",
        "CVaR, a day",
        "Deepest drawdowns",
        "orb-15 12 trades +8,412",
        "Noted.",
        "6.5% risk-free",
    ):
        assert told in second
    assert "?" not in first + second


def test_curves_are_vectors_and_the_same_sheet_is_the_same_bytes() -> None:
    report, sheet = report_of(250), TearSheet("Account", [], "now")
    content = tear_sheet_pdf(report, sheet)
    assert content == tear_sheet_pdf(report, sheet)
    with pdfplumber.open(io.BytesIO(content)) as file:
        page = file.pages[0]
        assert not page.images
        assert max(len(curve["pts"]) for curve in page.curves) >= 250


def test_letters_that_the_base_fonts_lack_do_not_break_the_sheet() -> None:
    (page, _) = texts(tear_sheet_pdf(report_of(10), TearSheet("खाता 1", [], "now")))
    assert "???? 1" in page


def test_of_nothing_it_says_so_on_one_page() -> None:
    nothing = performance_report(constant_capital((), np.array([], dtype=np.int64), 0))
    (page,) = texts(tear_sheet_pdf(nothing, TearSheet("Empty", [], "now")))
    assert "Nothing has happened here in this span." in page


@pytest.mark.parametrize(("low", "high"), [(-0.2, 0.31), (0.0, 0.0), (-1e-9, 0.0), (-99.0, 4_000.0)])
def test_a_scale_holds_what_is_drawn_on_it(low: float, high: float) -> None:
    found = ticks(low, high, 5)
    assert found[0] <= low <= high <= found[-1] + 1e-12
    assert 2 <= len(found) <= 9


@pytest.mark.parametrize("path", ["/analytics/tear-sheet.pdf", "/api/v1/analytics/tear-sheet.pdf"])
def test_page_and_api_give_the_file_to_those_who_may_export(desk: Desk, path: str) -> None:
    a_round(desk)
    answer = client_of(make_member(Role.OWNER, desk.organisation).user).get(f"{path}?account={desk.account.id}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].endswith('.pdf"')
    first, second = texts(answer.content)
    assert "Paper" in first
    assert "NSE:RELIANCE 1 trade " in second
    assert "against the prices at which orders were decided, over 2 fills." in second
    stranger = client_of(make_member(Role.OWNER).user)
    assert stranger.get(f"{path}?account={desk.account.id}").status_code == 404
    assert client_of(make_member(Role.VIEWER, desk.organisation).user).get(path).status_code == 403
