"""The tear sheet: two pages of A4 that tell a performance report whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color

from analytics.domain.figures import Group, Tile, tiles
from analytics.domain.report import PerformanceReport
from analytics.templatetags.performance import MONTHS, percent, tile_sign, written
from core.templatetags.desk import ist_date, signed

from .charts import bars, drawdown_chart, growth_chart
from .paper import FAINT, HEIGHT, INK, INNER, MARGIN, MUTED, WIDTH, Box, Paper, toned

_TILES_A_ROW = 5
# Older years are in the total; a page has room for so many.
MOST_YEARS = 8
MOST_ROWS = 8
_VALUE_WIDTH = 62.0


@dataclass(frozen=True, slots=True)
class SheetTable:
    """Named results beneath each other: (name, trades, net result in words, sign of it)."""

    title: str
    rows: Sequence[tuple[str, str, str, int]]


@dataclass(frozen=True, slots=True)
class TearSheet:
    """What a sheet says besides the report. `about` are short facts beside the title; `notes` stand at the foot."""

    title: str
    about: Sequence[str]
    made_at: str
    tables: Sequence[SheetTable] = ()
    notes: Sequence[str] = ()


def tear_sheet_pdf(report: PerformanceReport, sheet: TearSheet) -> bytes:
    """The file: two pages, or one that says that there is nothing to tell."""
    paper = Paper(f"Tear sheet: {sheet.title}", " · ".join(sheet.about))
    if report.is_empty:
        paper.text(MARGIN, 56, sheet.title, size=17, bold=True, width=INNER)
        paper.text(MARGIN, 76, "Nothing has happened here in this span.", size=9, colour=MUTED)
        _foot(paper, sheet, "1 of 1")
        return paper.bytes()
    _first_page(paper, report, sheet)
    paper.page()
    _second_page(paper, report, sheet)
    return paper.bytes()


def _first_page(paper: Paper, report: PerformanceReport, sheet: TearSheet) -> None:
    y = _head(paper, report, sheet)
    y = _headlines(paper, y, tiles(report))
    curve = report.curve
    # The charts take what the table of months leaves of the page.
    free = HEIGHT - 60 - y - _months_height(report) - 3 * 31
    growth, fall = free * 0.66, free * 0.34
    y = paper.heading(y + 8, "Growth, time-weighted")
    _legend(paper, y - 8, report)
    growth_chart(paper, Box(MARGIN, y + 6, INNER, growth), curve.days, curve.growth, curve.index)
    y = paper.heading(y + growth + 14, "Drawdown")
    drawdown_chart(paper, Box(MARGIN, y + 6, INNER, fall), curve.days, curve.drawdown)
    y = paper.heading(y + fall + 14, "Months, %")
    _months(paper, y, report)
    _foot(paper, sheet, "1 of 2")


def _second_page(paper: Paper, report: PerformanceReport, sheet: TearSheet) -> None:
    paper.text(MARGIN, 52, sheet.title, size=11, bold=True, width=INNER * 0.6)
    paper.text(WIDTH - MARGIN, 52, _span(report), size=8, colour=MUTED, align="right")
    half = (INNER - 24) / 2
    columns = ((MARGIN, (Group.RETURN, Group.INDEX)), (MARGIN + half + 24, (Group.RISK, Group.TRADES)))
    lowest = 0.0
    for x, groups in columns:
        y = 66.0
        for group in groups:
            found = tiles(report, group)
            if found:
                y = _figures(paper, x, y, half, group.value, found) + 10
        lowest = max(lowest, y)
    # The shorter column ends with how returns spread.
    told = [found for group in columns[0][1] if (found := tiles(report, group))]
    left_end = 66.0 + sum(17 + 13 * len(found) + 10 for found in told)
    y = paper.heading(left_end, "Daily returns", width=half)
    spread = [(percent(each.low), each.count, each.low + each.high) for each in report.return_bins]
    if spread:
        bars(paper, Box(MARGIN, y + 8, half, min(max(lowest - y - 20, 70), 150)), spread)
    y = max(lowest, y + 90) + 4
    y = _falls(paper, y, report)
    for at, table in enumerate(sheet.tables[:2]):
        _table(paper, MARGIN + at * (half + 24), y + 8, half, table)
    _notes(paper, report, sheet)
    _foot(paper, sheet, "2 of 2")


def _head(paper: Paper, report: PerformanceReport, sheet: TearSheet) -> float:
    paper.text(MARGIN, 56, sheet.title, size=17, bold=True, width=INNER * 0.66)
    paper.text(WIDTH - MARGIN, 50, _span(report), size=9, bold=True, align="right")
    paper.text(WIDTH - MARGIN, 62, f"{len(report.days)} days", size=8, colour=MUTED, align="right")
    about = " · ".join((*sheet.about, "net of charges, in rupees"))
    paper.text(MARGIN, 71, about, size=8, colour=MUTED, width=INNER)
    return 82


def _headlines(paper: Paper, y: float, found: Sequence[Tile]) -> float:
    wide, tall = INNER / _TILES_A_ROW, 34.0
    rows = -(-len(found) // _TILES_A_ROW)
    paper.block(Box(MARGIN, y, INNER, rows * tall), colour=FAINT)
    for at, tile in enumerate(found):
        x, top = MARGIN + at % _TILES_A_ROW * wide + 8, y + at // _TILES_A_ROW * tall
        paper.text(x, top + 13, tile.figure.title, size=7, colour=MUTED, width=wide - 12)
        paper.text(x, top + 27, _value(tile), size=11.5, bold=True, colour=_colour(tile), width=wide - 12)
    return y + rows * tall


def _legend(paper: Paper, y: float, report: PerformanceReport) -> None:
    if report.curve.index is not None:
        paper.text(WIDTH - MARGIN, y, f"dashed: {report.index.name}", size=7, colour=MUTED, align="right")


def _months_height(report: PerformanceReport) -> float:
    return 26.0 + 13.0 * min(len(report.months), MOST_YEARS)


def _months(paper: Paper, y: float, report: PerformanceReport) -> None:
    wide = INNER / 14
    for at, name in enumerate((*MONTHS, "Year"), 1):
        paper.text(MARGIN + (at + 1) * wide, y + 9, name, size=7, colour=MUTED, align="right")
    for row, year in enumerate(list(reversed(report.months))[:MOST_YEARS], 1):
        foot = y + 9 + row * 13
        paper.text(MARGIN, foot, str(year.year), size=7.5, bold=True)
        for at, value in enumerate(year.months, 1):
            if value is not None:
                right = MARGIN + (at + 1) * wide
                paper.text(right, foot, signed(value * 100), size=7.5, colour=toned(value), align="right")
        total, colour = signed(year.total * 100), toned(year.total)
        paper.text(WIDTH - MARGIN, foot, total, size=7.5, bold=True, colour=colour, align="right")
        paper.line([(MARGIN, foot + 3.5), (WIDTH - MARGIN, foot + 3.5)], width=0.3)


def _figures(paper: Paper, x: float, y: float, width: float, title: str, found: Sequence[Tile]) -> float:
    y = paper.heading(y, title, x=x, width=width)
    for tile in found:
        y += 13
        paper.text(x, y - 3, tile.figure.title, size=8, colour=INK)
        paper.text(x + width - _VALUE_WIDTH, y - 3, tile.note, size=6.5, colour=MUTED, align="right")
        paper.text(x + width, y - 3, _value(tile), size=8, bold=True, colour=_colour(tile), align="right")
        paper.line([(x, y), (x + width, y)], width=0.3)
    return y


def _falls(paper: Paper, y: float, report: PerformanceReport) -> float:
    if not report.drawdowns:
        return y
    y = paper.heading(y, "Deepest drawdowns")
    columns = (("Depth", 46.0), ("Peak", 130.0), ("Trough", 220.0), ("Recovered", 310.0), ("Days", 370.0))
    for name, right in columns:
        paper.text(MARGIN + right, y + 9, name, size=7, colour=MUTED, align="right")
    for fall in report.drawdowns:
        y += 12
        cells = (
            percent(fall.depth),
            ist_date(fall.peak),
            ist_date(fall.trough),
            ist_date(fall.recovered) if fall.recovered else "not yet",
            str(fall.days),
        )
        for text, (_, right) in zip(cells, columns, strict=True):
            paper.text(MARGIN + right, y + 9, text, size=7.5, align="right")
    return y + 16


def _table(paper: Paper, x: float, y: float, width: float, table: SheetTable) -> None:
    y = paper.heading(y, table.title, x=x, width=width)
    for name, trades, net, sign in table.rows[:MOST_ROWS]:
        y += 12
        paper.text(x, y - 3, name, size=8, width=width * 0.5)
        paper.text(x + width * 0.68, y - 3, trades, size=7, colour=MUTED, align="right")
        paper.text(x + width, y - 3, net, size=8, bold=True, colour=toned(sign), align="right")


def _notes(paper: Paper, report: PerformanceReport, sheet: TearSheet) -> None:
    kept = report.conventions
    lines = [
        f"{kept.periods_per_year} days a year, {kept.risk_free * 100:g}% risk-free, sample deviations, VaR at "
        f"{kept.confidence * 100:g}%. Returns are time-weighted by day; money-weighted is XIRR, actual/365.",
        *sheet.notes,
        "Past results tell nothing of those to come.",
    ]
    y = HEIGHT - 44 - 9 * len(lines)
    paper.line([(MARGIN, y - 4), (WIDTH - MARGIN, y - 4)])
    for line in lines:
        y += 9
        paper.text(MARGIN, y, line, size=6.8, colour=MUTED, width=INNER)


def _foot(paper: Paper, sheet: TearSheet, page: str) -> None:
    foot = HEIGHT - 26
    paper.text(MARGIN, foot, f"Sauda · made {sheet.made_at}", size=6.8, colour=MUTED)
    paper.text(WIDTH - MARGIN, foot, page, size=6.8, colour=MUTED, align="right")


def _span(report: PerformanceReport) -> str:
    return f"{ist_date(report.curve.days[0])} to {ist_date(report.curve.days[-1])}"


def _value(tile: Tile) -> str:
    return written(tile.value, tile.figure.unit, is_signed=tile.figure.is_signed)


def _colour(tile: Tile) -> Color:
    return toned(tile_sign(tile))
