"""Pages of sweeps and walk-forwards: heat map, combinations, windows."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, TooMany

from ..models import Cell, Run, RunSeries, Search
from ..selectors.cells import SETTING, Wanted, best_cell, cells_of
from ..selectors.results import report_for, series_get
from ..selectors.runs import run_get
from ..selectors.searches import heat_map, scored_cells, warning_of, windows_of
from ..services.cells import cell_start

ROWS = 50
SHOWN = {
    "returns": "Net return",
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "max_drawdown": "Max drawdown",
    "profit_factor": "Profit factor",
    "win_rate": "Win rate",
    "trades": "Trades",
    "charges": "Charges",
    "outsized_orders": "Outsized",
}


class CellsView(TenantPageMixin, View):
    """The combinations of a sweep, in another order, narrowed, or further down."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """The table alone; the whole page to who comes without HTMX."""
        run = run_get(self.actor, run_id, Run.Kind.SWEEP)
        if request.headers.get("HX-Request") != "true":
            return redirect("backtests:run", run.pk)
        context = {"run": run, "may_run": self.actor.may(Permission.RUN_BACKTESTS)}
        return render(request, "backtests/_cells.html", context | cells_context(run, request.GET))


class CellRunView(TenantPageMixin, View):
    """One combination as a run of its own."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest, run_id: UUID, number: int) -> HttpResponse:
        """Queue it and go there; back to the sweep with the reason where it cannot be."""
        try:
            run = cell_start(actor=self.actor, run_id=run_id, number=number)
        except (Conflict, InvalidInput, TooMany) as refused:
            messages.error(request, refused.detail)
            return redirect("backtests:run", run_id)
        return redirect("backtests:run", run.pk)


def sweep_context(run: Run, asked: QueryDict) -> dict[str, Any]:
    """What the page of a sweep shows: everything that has been tried so far."""
    search: Search = run.search
    counts = run.cells.filter(window=0).aggregate(
        tried=Count("pk", filter=~Q(status=Cell.Status.WAITING)),
        failed=Count("pk", filter=Q(status=Cell.Status.FAILED)),
    )
    return {
        "search": search,
        "best": best_cell(run),
        "heat": heat_map(search, scored_cells(run), asked.get("x", ""), asked.get("y", "")),
        "tried_count": counts["tried"],
        "failed": counts["failed"],
        "warning": warning_of(run),
        **cells_context(run, asked),
    }


def cells_context(run: Run, asked: QueryDict) -> dict[str, Any]:
    """A page of combinations as the address asks for; the best first, with the reason, where it asks nonsense."""
    order, where, problem = asked.get("order") or "-score", asked.get("where", ""), ""
    try:
        cells = cells_of(run, 0, Wanted(order, where))
    except InvalidInput as refused:
        cells, order, problem = cells_of(run), "-score", refused.detail
    page = Paginator(cells.exclude(status=Cell.Status.WAITING), ROWS).get_page(asked.get("page"))
    axes = list(run.search.axes)
    columns = [*((f"{SETTING}{name}", name) for name in axes), *SHOWN.items()]
    return {
        "page": page,
        "axes": axes,
        "columns": [_column(name, title, order) for name, title in columns],
        "order": order,
        "where": where,
        "problem": problem,
    }


def _column(name: str, title: str, order: str) -> dict[str, Any]:
    """A heading: the order that a click asks for, largest first to begin with, and how it is sorted now."""
    sorted_now = {name: "ascending", f"-{name}": "descending"}.get(order, "")
    return {
        "name": name,
        "title": title,
        "is_setting": name.startswith(SETTING),
        "next": name if order == f"-{name}" else f"-{name}",
        "sorted": sorted_now,
    }


def walk_forward_context(run: Run) -> dict[str, Any]:
    """What the page of a walk-forward shows: windows, and the report of all tests in a row."""
    context: dict[str, Any] = {"search": run.search, "windows": windows_of(run)}
    if run.final_paise is not None:
        context["report"] = report_for(run, series_get(run, RunSeries.Name.TRADES))
    return context
