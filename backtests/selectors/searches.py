"""Sweeps and walk-forwards: their combinations, heat maps, windows, and a warning in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backtests.models import Cell, Run, Search, Window

from .cells import cell_shape
from .runs import metrics_shape, run_shape

LIKELY, DOUBTFUL = 0.95, 0.5
_FEW_TRADES = 30
_OVERFIT = 0.5


def search_shape(run: Run) -> dict[str, Any]:
    """What is looked for, and the warning."""
    search = run.search
    return {
        "method": search.method,
        "objective": search.objective,
        "axes": search.axes,
        "cells": search.cells,
        "deflated_sharpe": search.deflated_sharpe,
        "expected_best_sharpe": search.expected_best_sharpe,
        "trials": search.trials,
        "effective_trials": search.effective_trials,
        "deflated_sharpe_effective": search.deflated_effective,
        "overfitting_probability": search.overfit_probability,
        "overfitting_loss": search.overfit_loss,
        "overfitting_splits": search.overfit_splits,
        "warning": warning_of(run),
    }


def sweep_shape(run: Run, best: Cell | None) -> dict[str, Any]:
    """A sweep as the API tells it."""
    return {**run_shape(run), "search": search_shape(run), "best": cell_shape(best) if best else None}


def walk_forward_shape(run: Run, windows: Sequence[Window]) -> dict[str, Any]:
    """A walk-forward as the API tells it."""
    search = run.search
    return {
        **run_shape(run),
        "search": search_shape(run),
        "mode": search.mode,
        "in_sample_days": search.in_sample_days,
        "out_of_sample_days": search.out_of_sample_days,
        "efficiency": search.efficiency,
        "windows": [window_shape(window) for window in windows],
    }


def window_shape(window: Window) -> dict[str, Any]:
    """A window as the API tells it."""
    return {
        "number": window.number,
        "in_first": window.in_first,
        "in_last": window.in_last,
        "out_first": window.out_first,
        "out_last": window.out_last,
        "chosen": window.chosen,
        "in_sample_score": window.in_sample_score,
        "score": window.score,
        "is_done": window.is_done,
        "detail": window.detail,
        "metrics": metrics_shape(window) if window.final_paise is not None else None,
    }


def windows_of(run: Run) -> list[Window]:
    """In order, without their arrays."""
    return list(run.windows.defer("daily", "trips").order_by("number"))


def warning_of(run: Run) -> str | None:
    """What over-fitting makes likely, in words; None before a sweep is over, or where nothing speaks for it."""
    search = run.search
    if run.status != Run.Status.DONE or run.kind != Run.Kind.SWEEP:
        return None
    lines = []
    chance, expected = search.deflated_sharpe, search.expected_best_sharpe
    if chance is not None and expected is not None and chance < LIKELY:
        tone = "probably luck" if chance < DOUBTFUL else "not shown to be more than luck"
        lines.append(
            f"The best of {search.cells:,} combinations is {tone}: as many worthless ones would have shown a Sharpe"
            f" ratio of {expected:.2f} at their best, and the chance that this one is better than nothing is"
            f" {chance:.0%}."
            if search.cells > 1
            else f"The only combination is {tone}: the chance that it is better than nothing is {chance:.0%}."
        )
    if search.overfit_probability is not None and search.overfit_probability > _OVERFIT:
        lines.append(
            f"What was best on one half of the days was worse than the middle on the other in"
            f" {search.overfit_probability:.0%} of {search.overfit_splits:,} ways to halve them."
        )
    if run.trades is not None and run.trades < _FEW_TRADES:
        lines.append(f"It rests on {run.trades} trades.")
    if lines:
        lines.append("Try it on days that the sweep has not seen: walk forward.")
    return " ".join(lines) or None


@dataclass(frozen=True, slots=True)
class Scored:
    """As much of a combination as a heat map looks at."""

    parameters: dict[str, Any]
    score: float
    outsized_orders: int | None = None


def scored_cells(run: Run) -> list[Scored]:
    """A sweep's combinations that have a score, in order."""
    rows = run.cells.filter(window=0, score__isnull=False).order_by("number")
    return [Scored(*row) for row in rows.values_list("parameters", "score", "outsized_orders")]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One square: the score, how strong (0 to 4, with its sign), and the cell that it stands for, of whose orders
    some were larger than the book."""

    score: float | None
    level: str
    parameters: dict[str, Any]
    is_best: bool
    outsized_orders: int = 0


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The best score at each pair of two settings' values over all others."""

    across: str
    down: str
    columns: tuple[Any, ...]
    rows: tuple[tuple[Any, tuple[HeatCell, ...]], ...]


MOST_SIDE = 60


def heat_map(search: Search, cells: Sequence[Scored], across: str = "", down: str = "") -> HeatMap | None:
    """Over two of the axes (the first two by default; one axis makes one row). None without a score, or for axes
    longer than MOST_SIDE."""
    names = list(search.axes)
    x = across if across in names else names[0]
    y = down if down in names and down != x else next((name for name in names if name != x), "")
    columns, rows = search.axes[x], search.axes[y] if y else [None]
    if max(len(columns), len(rows)) > MOST_SIDE:
        return None
    top: dict[tuple[Any, Any], Scored] = {}
    for cell in cells:
        place = cell.parameters.get(x), cell.parameters.get(y) if y else None
        if place not in top or cell.score > top[place].score:
            top[place] = cell
    if not top:
        return None
    scores = [cell.score for cell in top.values()]
    scale = max(abs(score) for score in scores) or 1.0
    best = max(scores)
    return HeatMap(
        x,
        y,
        tuple(columns),
        tuple((row, tuple(_square(top.get((column, row)), scale, best) for column in columns)) for row in rows),
    )


def _square(cell: Scored | None, scale: float, best: float) -> HeatCell:
    if cell is None:
        return HeatCell(None, "none", {}, False)
    level = min(4, 1 + int(abs(cell.score) / scale * 3.999))
    tone = "gain" if cell.score > 0 else "loss"
    shade = f"{tone}-{level}" if cell.score else "none"
    return HeatCell(cell.score, shade, cell.parameters, cell.score == best, cell.outsized_orders or 0)
