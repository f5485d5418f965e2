"""The combinations of a search: sorted and narrowed by any figure and any setting that is varied."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, FloatField, OrderBy, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from backtests.models import Cell, Run
from core.errors import InvalidInput

from .runs import metrics_shape

SETTING = "parameters."
"""Before the name of a setting that is varied, in `order` and `where`."""
MOST_COMPARISONS = 10
AMOUNTS = {
    "net_pnl": "net_paise",
    "charges": "charges_paise",
    "best_trade": "best_paise",
    "worst_trade": "worst_paise",
    "final_equity": "final_paise",
    "expectancy": "expectancy_paise",
}
"""Figures that are amounts, as the API calls them, and the columns of paise that hold them."""
_COLUMNS = {
    "number": "number",
    "score": "score",
    "outsized_orders": "outsized_orders",
    "returns": "total_return",
    **AMOUNTS,
    **{
        name: name
        for name in (
            "cagr",
            "volatility",
            "sharpe",
            "sortino",
            "calmar",
            "omega",
            "max_drawdown",
            "win_rate",
            "profit_factor",
            "payoff",
            "trades",
            "orders",
            "exposure",
            "turnover",
        )
    },
}
FIGURES = tuple(_COLUMNS)
"""What can be sorted and narrowed by, as the API calls it."""
_LOOKUPS = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt", "=": "exact"}
_COMPARISON = re.compile(r"\s*([a-z0-9_.]+)\s*(>=|<=|>|<|=)\s*(.+?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which combinations, in which order: `order` a figure or `parameters.<name>`, with a hyphen before it the
    largest first; `where` comparisons parted by commas, `sharpe>=1,parameters.fast=9`."""

    order: str = "-score"
    where: str = ""


BEST_FIRST = Wanted()


def cells_of(run: Run, window: int = 0, wanted: Wanted = BEST_FIRST) -> QuerySet[Cell]:
    """The combinations of a window; those without the figure that is sorted by come last.

    Raises InvalidInput: `order_unknown`, `where_invalid`.
    """
    cells: QuerySet[Cell] = run.cells.filter(window=window).defer("parts")
    for place, comparison in enumerate(_comparisons(wanted.where)):
        cells = _narrowed(run, cells, comparison, f"where_{place}")
    cells, by = _ordered(run, cells, wanted.order)
    return cells.order_by(by, "number")


def best_cell(run: Run, window: int = 0) -> Cell | None:
    """The combination with the highest score, of equals the first."""
    return cells_of(run, window).filter(score__isnull=False).first()


def outsized_told(run: Run) -> list[str]:
    """How many combinations sent orders that no book of their minute displays, if any did."""
    tried = run.cells.filter(status=Cell.Status.DONE)
    outsized = tried.filter(outsized_orders__gt=0).count()
    if not outsized:
        return []
    return [
        f"{outsized:,} of {tried.count():,} combinations sent orders larger than what the book displayed in their"
        " minute. Here the rest of them traded at the last price of that minute, in a run alone it waits for the"
        " next one: run these alone (Outsized in the list of combinations counts the orders)."
    ]


def cell_shape(cell: Cell) -> dict[str, Any]:
    """A combination as the API tells it."""
    return {
        "number": cell.number,
        "window": cell.window,
        "parameters": cell.parameters,
        "status": cell.status,
        "score": cell.score,
        "detail": cell.detail,
        "outsized_orders": cell.outsized_orders,
        "metrics": metrics_shape(cell) if cell.final_paise is not None else None,
    }


def _ordered(run: Run, cells: QuerySet[Cell], order: str) -> tuple[QuerySet[Cell], OrderBy]:
    name = order.removeprefix("-")
    if name.startswith(SETTING) and (setting := name.removeprefix(SETTING)) in run.search.axes:
        cells, by = cells.alias(by=_setting(run, setting)), F("by")
    elif name in _COLUMNS:
        by = F(_COLUMNS[name])
    else:
        raise InvalidInput(
            f"There is nothing called {name[:50]} to sort by.",
            code="order_unknown",
            errors={"order": [f"One of {', '.join(FIGURES)}, or parameters.<a setting that is varied>."]},
        )
    return cells, by.desc(nulls_last=True) if order.startswith("-") else by.asc(nulls_last=True)


def _comparisons(where: str) -> Sequence[tuple[str, str, str]]:
    parts = [part for part in where.split(",") if part.strip()]
    if len(parts) > MOST_COMPARISONS:
        raise _where(f"At most {MOST_COMPARISONS} comparisons.")
    found = []
    for part in parts:
        match = _COMPARISON.fullmatch(part)
        if match is None:
            raise _where(f"“{part.strip()[:50]}” is no comparison: a name, one of >= <= > < =, and a value.")
        found.append((match[1], match[2], match[3]))
    return found


def _narrowed(run: Run, cells: QuerySet[Cell], comparison: tuple[str, str, str], alias: str) -> QuerySet[Cell]:
    name, sign, value = comparison
    lookup = _LOOKUPS[sign]
    if name.startswith(SETTING) and (setting := name.removeprefix(SETTING)) in run.search.axes:
        is_number = _is_number(run.search.axes[setting])
        if not is_number and sign != "=":
            raise _where(f"{setting} is no number: only = compares it.")
        wanted = float(_number(name, value)) if is_number else value
        return cells.alias(**{alias: _setting(run, setting)}).filter(**{f"{alias}__{lookup}": wanted})
    if name not in _COLUMNS:
        raise _where(f"There is nothing called {name[:50]} to compare.")
    number = _number(name, value) * (100 if name in AMOUNTS else 1)
    return cells.filter(**{f"{_COLUMNS[name]}__{lookup}": number})


def _setting(run: Run, setting: str) -> Any:
    text = KeyTextTransform(setting, "parameters")
    return Cast(text, FloatField()) if _is_number(run.search.axes[setting]) else text


def _is_number(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _number(name: str, value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation as error:
        raise _where(f"{name} is compared with a number.") from error
    if not found.is_finite() or abs(found) > Decimal(10) ** 15:
        raise _where(f"{name} is compared with a number.")
    return found


def _where(detail: str) -> InvalidInput:
    return InvalidInput(detail, code="where_invalid", errors={"where": [detail]})
