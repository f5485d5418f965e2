"""The list of runs, and what is done to one from it."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict

from ..forms import RunsFilter
from ..models import Run
from ..selectors.quotas import quota_of
from ..selectors.runs import requesters, runs_for, strategies_run
from ..services import runs as services

ROWS = 40
KINDS = {
    "": "All",
    Run.Kind.BACKTEST: "Backtests",
    Run.Kind.SWEEP: "Sweeps",
    Run.Kind.WALK_FORWARD: "Walk-forwards",
}
COLUMNS = (
    ("name", "Run"),
    ("span", "Span"),
    ("state", "State"),
    ("return", "Net return"),
    ("net", "Net P&L"),
    ("sharpe", "Sharpe"),
    ("drawdown", "Max drawdown"),
    ("trades", "Trades"),
    ("asked", "Asked"),
)
_NUMBERS = {"return", "net", "sharpe", "drawdown", "trades"}
_SORTED = {
    "name": "name",
    "span": "first",
    "return": "total_return",
    "net": "net_paise",
    "sharpe": "sharpe",
    "drawdown": "max_drawdown",
    "trades": "trades",
    "asked": "id",
}


class RunsView(TenantPageMixin, View):
    """All runs of the organisation, latest first; rows that are at work are looked at again."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its rows for HTMX; a filter that is nonsense narrows nothing."""
        asked = RunsFilter(request.GET)
        runs = _sorted(runs_for(self.actor, **asked.wanted()), request.GET.get("sort", ""))
        page = Paginator(runs, ROWS).get_page(request.GET.get("page"))
        context: dict[str, Any] = {
            "page": page,
            "kind": request.GET.get("kind", ""),
            "kinds": KINDS.items(),
            "filter": asked,
            "is_narrowed": asked.is_narrowed,
            "people": requesters(self.actor),
            "strategies": strategies_run(self.actor),
            "statuses": Run.Status.choices,
            "columns": [_column(name, title, request.GET.get("sort", "")) for name, title in COLUMNS],
            "is_working": any(run.is_live for run in page),
            "may_run": self.actor.may(Permission.RUN_BACKTESTS),
            "quota": quota_of(self.actor.organisation_id),
        }
        is_partial = request.headers.get("HX-Target") == "runs"
        return render(request, f"backtests/list.html{'#rows' if is_partial else ''}", context)


def _sorted(runs: QuerySet[Run], sort: str) -> QuerySet[Run]:
    """By a column of the table, those without the figure last; as they came for what is none."""
    column = _SORTED.get(sort.removeprefix("-"))
    if column is None:
        return runs
    by = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return runs.order_by(by, "-id")


def _column(name: str, title: str, sort: str) -> dict[str, Any]:
    """A heading: the order that a click asks for, largest first to begin with, and how it is sorted now."""
    return {
        "title": title,
        "is_number": name in _NUMBERS,
        "next": (name if sort == f"-{name}" else f"-{name}") if name in _SORTED else "",
        "sorted": {name: "ascending", f"-{name}": "descending"}.get(sort, ""),
    }


class RunCancelView(TenantPageMixin, View):
    """Ending a run early."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """Cancel it and show it."""
        try:
            services.run_cancel(actor=self.actor, run_id=run_id)
        except Conflict as over:
            messages.warning(request, over.detail)
        return redirect("backtests:run", run_id)


class RunDeleteView(TenantPageMixin, View):
    """Throwing a run away."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """Delete it and go back to the list."""
        services.run_delete(actor=self.actor, run_id=run_id)
        messages.success(request, "Deleted with its results.")
        return redirect("backtests:list")


class RunNoteView(TenantPageMixin, View):
    """What was learnt from a run."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """Keep the note and the name."""
        note = request.POST.get("note", "").replace("\x00", "")
        name = request.POST.get("name", "").replace("\x00", "")
        services.run_annotate(actor=self.actor, run_id=run_id, name=name, note=note)
        messages.success(request, "Kept.")
        return redirect("backtests:run", run_id)
