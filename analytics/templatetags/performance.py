"""The parts of a page about performance; each takes a `PerformanceReport` (analytics/domain/report.py)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from analytics.domain.calendar import DayResult
from analytics.domain.distribution import Bin
from analytics.domain.figures import Group, Tile, Unit, Value, tiles
from analytics.domain.report import PerformanceReport
from core.money import from_paise
from core.templatetags.desk import DASH, MINUS, inr, inr_signed, pct, price, qty, signed

register = template.Library()

LEVELS = 4
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CELL = 13


@register.filter
def figure(tile: Tile) -> str:
    """A tile's value as its unit is written; a dash where it has no meaning."""
    return written(tile.value, tile.figure.unit, is_signed=tile.figure.is_signed)


@register.filter
def figure_tone(tile: Tile) -> str:
    """The class of a gain or a loss, of signed figures."""
    return ("", "gain", "loss")[tile_sign(tile)]


def tile_sign(tile: Tile) -> int:
    """1 of a gain, -1 of a loss, 0 of what is neither, or too little to be seen as one."""
    return _sign(figure(tile)) if tile.figure.is_signed else 0


@register.filter
def tone_as_written(text: str) -> str:
    """The class of a gain or a loss as a reader sees it: `−₹5` is a loss, `₹0` neither."""
    return ("", "gain", "loss")[_sign(text)]


def _sign(text: str) -> int:
    if not any(digit in text for digit in "123456789"):
        return 0
    return -1 if text.startswith(MINUS) else 1


@register.filter
def percent(fraction: Any, places: int = 2) -> str:
    """A fraction as a signed percentage: 0.0123 is `+1.23%`."""
    number = _number(fraction)
    return DASH if number is None else pct(number * 100, places)


@register.filter
def share(fraction: Any) -> str:
    """A fraction as a plain percentage with one decimal: 0.417 is `41.7%`."""
    number = _number(fraction)
    return DASH if number is None else f"{number * 100:.1f}%"


@register.filter
def if_traded(ratio: Any, trades: int | None) -> str:
    """A stored ratio, a dash where nothing was traded: idle money has a Sharpe too, which ranks with nobody's."""
    return price(ratio) if trades else DASH


@register.filter
def paise_signed(value: Any) -> str:
    """Paise gained or lost, in whole rupees."""
    number = _number(value)
    return DASH if number is None else inr_signed(from_paise(round(number)), 0)


@register.filter
def last_day(days: Sequence[DayResult]) -> date | None:
    """The last of a report's days."""
    return days[-1].day if days else None


@register.filter
def held(duration: timedelta | None) -> str:
    """A duration in its two largest units: `3 d 4 h`, `2 h 40 m`, `45 s`."""
    if duration is None:
        return DASH
    seconds = int(duration.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3_600, seconds % 3_600 // 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} m"
    return f"{minutes} m" if minutes else f"{seconds} s"


def written(value: Value, unit: Unit, *, is_signed: bool = False) -> str:
    """A figure in words for a reader."""
    if isinstance(value, timedelta):
        return held(value)
    number = _number(value)
    if number is None:
        return DASH
    match unit:
        case Unit.FRACTION:
            return pct(number * 100) if is_signed else f"{price(number * 100)}%"
        case Unit.PAISE:
            rupees = from_paise(round(number))
            return inr_signed(rupees, 0) if is_signed else inr(rupees, 0)
        case Unit.RATIO:
            return signed(number).lstrip("+")
        case Unit.DAYS:
            return f"{qty(number)} d"
        case _:
            return qty(number)


@register.inclusion_tag("components/performance/tiles.html")
def performance_tiles(report: PerformanceReport) -> dict[str, Any]:
    """The headlines as a strip."""
    return {"tiles": tiles(report)}


@register.inclusion_tag("components/performance/figures.html")
def performance_figures(report: PerformanceReport) -> dict[str, Any]:
    """All figures by group, with what each means."""
    return {"groups": [(group.value, tiles(report, group)) for group in Group]}


@register.inclusion_tag("components/performance/chart.html")
def performance_chart(report: PerformanceReport, name: str = "performance") -> dict[str, Any]:
    """Equity and drawdown; `name` tells several charts of a page apart. Needs js/performance.js."""
    return {"report": report, "name": name, "data": chart_data(report), "rows": _table_rows(report)}


@register.inclusion_tag("components/performance/monthly.html")
def performance_monthly(report: PerformanceReport) -> dict[str, Any]:
    """Years by months."""
    values = [month for year in report.months for month in year.months if month is not None]
    scale = _scale(values)
    rows = [
        (
            year.year,
            [(name, value, _level(value, scale)) for name, value in zip(MONTHS, year.months, strict=True)],
            year.total,
        )
        for year in reversed(report.months)
    ]
    return {"rows": rows, "months": MONTHS}


@register.inclusion_tag("components/performance/calendar.html")
def performance_calendar(report: PerformanceReport) -> dict[str, Any]:
    """Each day of each year as a square."""
    scale = _scale([day.value for day in report.days])
    years = sorted({day.day.year for day in report.days}, reverse=True)
    return {"years": [_year(year, report.days, scale) for year in years]}


@register.inclusion_tag("components/performance/distribution.html")
def performance_distribution(report: PerformanceReport, of: str = "returns") -> dict[str, Any]:
    """How returns of the days that moved (`of="returns"`) or results of trades (`of="trades"`) spread."""
    bins = report.return_bins if of == "returns" else report.trade_bins
    bars = _bars(bins, is_money=of != "returns")
    still = len(report.days) - report.returns.moved_days if of == "returns" else 0
    return {"bars": bars, "of": of, "ends": (bars[0].label, bars[-1].label) if bars else (), "still": still}


@register.inclusion_tag("components/performance/drawdowns.html")
def performance_drawdowns(report: PerformanceReport) -> dict[str, Any]:
    """The deepest falls with their dates."""
    return {"falls": report.drawdowns}


@register.inclusion_tag("components/performance/buckets.html")
def performance_buckets(report: PerformanceReport) -> dict[str, Any]:
    """Results by weekday and by hour of entry."""
    return {"tables": [("Closed on", report.weekdays), ("Opened at", report.hours)]}


def chart_data(report: PerformanceReport) -> dict[str, Any]:
    """What js/performance.js draws: rows `[date, worth ₹, growth %, drawdown %, paid in ₹, index % or null]`."""
    curve = report.curve
    index = curve.index or [None] * len(curve.days)
    return {
        "index": report.index.name,
        "rows": [
            [
                day.isoformat(),
                worth / 100,
                round((growth - 1) * 100, 4),
                round(fall * 100, 4),
                flow / 100,
                None if other is None else round((other - 1) * 100, 4),
            ]
            for day, worth, growth, fall, flow, other in zip(
                curve.days, curve.worth_paise, curve.growth, curve.drawdown, curve.flows_paise, index, strict=True
            )
        ],
    }


@dataclass(frozen=True, slots=True)
class _Square:
    x: int
    y: int
    level: str
    title: str


@dataclass(frozen=True, slots=True)
class _Year:
    year: int
    squares: list[_Square]
    labels: list[tuple[int, str]]
    left: int
    width: int
    height: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class _Bar:
    x: Decimal
    width: Decimal
    height: Decimal
    tone: str
    label: str
    count: int


def _table_rows(report: PerformanceReport) -> list[tuple[date, Decimal, float, float]]:
    """The last day of each month, for readers of the table."""
    curve = report.curve
    last = {(day.year, day.month): at for at, day in enumerate(curve.days)}
    return [
        (curve.days[at], from_paise(curve.worth_paise[at]), curve.growth[at] - 1, curve.drawdown[at])
        for at in last.values()
    ]


def _year(year: int, days: Sequence[DayResult], scale: float) -> _Year:
    first = date(year, 1, 1)
    lead = first.weekday()
    members = [each for each in days if each.day.year == year]

    def column(day: date) -> int:
        return ((day - first).days + lead) // 7

    def square(each: DayResult) -> _Square:
        title = f"{each.day:%a %-d %b %Y}: {percent(each.value)}, {inr_signed(from_paise(each.gain_paise), 0)}"
        return _Square(
            column(each.day) * _CELL, each.day.weekday() * _CELL, _level(each.value, scale) or "none", title
        )

    # Only the months that have days: a young account is not an empty year.
    shown = range(members[0].day.month, members[-1].day.month + 1)
    left = column(date(year, shown[0], 1)) * _CELL
    return _Year(
        year=year,
        squares=[square(each) for each in members],
        labels=[(column(date(year, month, 1)) * _CELL, MONTHS[month - 1]) for month in shown],
        left=left,
        width=max(column(members[-1].day) * _CELL - left, 4 * _CELL) + 2 * _CELL,
        height=7 * _CELL,
        gained=sum(each.gain_paise > 0 for each in members),
        lost=sum(each.gain_paise < 0 for each in members),
    )


def _bars(bins: Sequence[Bin], *, is_money: bool) -> list[_Bar]:
    """Bins as bars of a drawing 100 wide and 100 high."""
    most = max((each.count for each in bins), default=0)
    width = Decimal(100) / max(len(bins), 1)

    def edge(value: float) -> str:
        return inr_signed(Decimal(str(round(value, 2))), 0) if is_money else percent(value)

    return [
        _Bar(
            x=(width * at).quantize(Decimal("0.01")),
            width=(width * Decimal("0.9")).quantize(Decimal("0.01")),
            height=(Decimal(100 * each.count) / most).quantize(Decimal("0.01")),
            tone="gain" if each.is_gain else "loss",
            label=f"{edge(each.low)} to {edge(each.high)}",
            count=each.count,
        )
        for at, each in enumerate(bins)
    ]


def _scale(values: Sequence[float]) -> float:
    """The size that counts as strongest: most values lie within it, so that one wild day does not pale the rest."""
    sizes = sorted(abs(value) for value in values if value)
    return sizes[min(len(sizes) - 1, int(len(sizes) * 0.9))] if sizes else 1.0


def _level(value: float | None, scale: float) -> str:
    """A class from `gain-1` to `gain-4`, or of losses; nothing for zero or no value."""
    if not value:
        return ""
    step = min(LEVELS, math.ceil(abs(value) / scale * LEVELS))
    return f"{'gain' if value > 0 else 'loss'}-{max(step, 1)}"


def _number(value: Any) -> Decimal | None:
    # A template gives an attribute of None as an empty text.
    if value is None or value == "" or isinstance(value, timedelta):
        return None
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / value.denominator
    number = Decimal(str(value))
    return number if number.is_finite() else None


@register.simple_tag
def spark(values: Sequence[float]) -> SafeString:
    """A small line over its own range, for a row of a list: 100 wide, 24 high; nothing of fewer than two values."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    points = " ".join(
        f"{at * 100 / (len(values) - 1):.1f},{23 - (value - low) / span * 22:.1f}"
        for at, value in enumerate(values)
    )
    tone = "gain" if values[-1] >= values[0] else "loss"
    return format_html(
        '<svg class="spark {}" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}"></polyline></svg>',
        tone,
        points,
    )
