"""The list of runs, and what is done to one from it."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict

from ..models import Run
from ..selectors.quotas import quota_of
from ..selectors.runs import runs_for
from ..services import runs as services

ROWS = 40
KINDS = {
    "": "All",
    Run.Kind.BACKTEST: "Backtests",
    Run.Kind.SWEEP: "Sweeps",
    Run.Kind.WALK_FORWARD: "Walk-forwards",
}


class RunsView(TenantPageMixin, View):
    """All runs of the organisation, latest first; rows that are at work are looked at again."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its rows for HTMX."""
        kind = request.GET.get("kind", "")
        runs = runs_for(self.actor, kind=Run.Kind(kind) if kind in Run.Kind.values else None)
        page = Paginator(runs, ROWS).get_page(request.GET.get("page"))
        context: dict[str, Any] = {
            "page": page,
            "kind": kind,
            "kinds": KINDS.items(),
            "is_working": any(run.is_live for run in page),
            "may_run": self.actor.may(Permission.RUN_BACKTESTS),
            "quota": quota_of(self.actor.organisation_id),
        }
        is_partial = request.headers.get("HX-Target") == "runs"
        return render(request, f"backtests/list.html{'#rows' if is_partial else ''}", context)


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
