"""The rows of searches as columns for a file: a combination each, or a window each."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtests.models import Cell, Figures, Run, Window

from .cells import AMOUNTS

Columns = dict[str, NDArray[Any]]
_EPOCH = date(1970, 1, 1).toordinal()
_WHOLE = {
    "bars": "bars",
    "orders": "orders",
    "trades": "trades",
    "longest_wins": "longest_wins",
    "longest_losses": "longest_losses",
    "longest_drawdown_days": "longest_drawdown_days",
}
_NUMBERS = {
    "returns": "total_return",
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
            "value_at_risk",
            "conditional_value_at_risk",
            "win_rate",
            "profit_factor",
            "payoff",
            "mean_held_seconds",
            "exposure",
            "turnover",
        )
    },
}
INSIDE, OUTSIDE = "in_sample.", "out_of_sample."
MONEY = tuple(f"{before}{name}" for before in ("", INSIDE, OUTSIDE) for name in AMOUNTS)
"""The columns that hold paise."""


def cell_columns(run: Run) -> Columns:
    """Every combination of a search in order: `parameters.<name>`, the objective, all figures, why it has none."""
    cells: list[Cell] = list(run.cells.defer("parts").order_by("window", "number"))
    return {
        "window": _whole(cells, "window"),
        "number": _whole(cells, "number"),
        **_settings("parameters.", list(run.search.axes), [cell.parameters for cell in cells]),
        "status": _texts(cell.status for cell in cells),
        "score": _numbers(cells, "score"),
        **_figures("", cells),
        "days": _whole(cells, "days"),
        "outsized_orders": _whole(cells, "outsized_orders"),
        "skew": _numbers(cells, "skew"),
        "kurtosis": _numbers(cells, "kurtosis"),
        "detail": _texts(cell.detail for cell in cells),
    }


def window_columns(run: Run) -> Columns:
    """Every window of a walk-forward in order: its days, what was chosen, the figures of that in sample and out."""
    windows: list[Window] = list(run.windows.defer("daily", "trips").order_by("number"))
    inside = _chosen(run, windows)
    return {
        "number": _whole(windows, "number"),
        **{name: _days(windows, name) for name in ("in_first", "in_last", "out_first", "out_last")},
        **_settings("chosen.", list(run.search.axes), [window.chosen or {} for window in windows]),
        f"{INSIDE}score": _numbers(windows, "in_sample_score"),
        **_figures(INSIDE, inside),
        f"{OUTSIDE}score": _numbers(windows, "score"),
        **_figures(OUTSIDE, windows),
        "is_done": np.array([window.is_done for window in windows], dtype=np.bool_),
        "detail": _texts(window.detail for window in windows),
    }


def _chosen(run: Run, windows: Sequence[Window]) -> list[Cell]:
    """The combination that each window chose, with its figures in sample; an empty one where there is none."""
    best: dict[int, Cell] = {}
    for cell in run.cells.filter(score__isnull=False).defer("parts").order_by("window", "-score", "number"):
        best.setdefault(cell.window, cell)
    return [best[window.number] if window.chosen and window.number in best else Cell() for window in windows]


def _figures(before: str, rows: Sequence[Figures]) -> Columns:
    return {
        **{f"{before}{name}": _whole(rows, column) for name, column in AMOUNTS.items()},
        **{f"{before}{name}": _numbers(rows, column) for name, column in _NUMBERS.items()},
        **{f"{before}{name}": _whole(rows, column) for name, column in _WHOLE.items()},
    }


def _settings(before: str, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Columns:
    return {f"{before}{name}": _objects(row.get(name) for row in rows) for name in names}


def _whole(rows: Sequence[Any], column: str) -> NDArray[Any]:
    """Whole numbers, None where there is none."""
    values = (getattr(row, column) for row in rows)
    return _objects(None if value is None else round(value) for value in values)


def _numbers(rows: Sequence[Any], column: str) -> NDArray[np.float64]:
    values = (getattr(row, column) for row in rows)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _days(rows: Sequence[Window], column: str) -> NDArray[np.int64]:
    return np.array([getattr(row, column).toordinal() - _EPOCH for row in rows], dtype=np.int64)


def _texts(values: Iterable[str]) -> NDArray[Any]:
    return np.array(list(values), dtype=np.str_)


def _objects(values: Iterable[Any]) -> NDArray[Any]:
    listed = list(values)
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found
