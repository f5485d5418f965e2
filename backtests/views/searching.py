"""Pages of sweeps and walk-forwards: heat map, combinations, windows."""

from typing import Any

from ..models import Run, RunSeries, Search
from ..selectors.results import report_for, series_get
from ..selectors.searches import best_cell, cells_of, heat_map, warning_of, windows_of

ROWS = 100


def sweep_context(run: Run, across: str = "", down: str = "") -> dict[str, Any]:
    """What the page of a sweep shows: everything that has been tried so far."""
    search: Search = run.search
    cells = list(cells_of(run))
    tried = [cell for cell in cells if cell.status != "WAITING"]
    return {
        "search": search,
        "axes": list(search.axes),
        "best": best_cell(run),
        "heat": heat_map(search, tried, across, down),
        "cells": tried[:ROWS],
        "cell_count": len(tried),
        "failed": sum(cell.status == "FAILED" for cell in tried),
        "more": max(len(tried) - ROWS, 0),
        "warning": warning_of(run),
    }


def walk_forward_context(run: Run) -> dict[str, Any]:
    """What the page of a walk-forward shows: windows, and the report of all tests in a row."""
    context: dict[str, Any] = {"search": run.search, "windows": windows_of(run)}
    if run.final_paise is not None:
        context["report"] = report_for(run, series_get(run, RunSeries.Name.TRADES))
    return context
