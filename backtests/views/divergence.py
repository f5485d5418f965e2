"""The page of a strategy's run beside a backtest of its span."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, TooMany
from trading.strategies.domain.divergence import Verdict
from trading.strategies.selectors.runs import run_get

from ..selectors.divergence import divergence_report
from ..selectors.divergence_reasons import reasons_for
from ..services.divergence import divergence_start

ROWS = 100
LABELS = {
    Verdict.SAME: "Same",
    Verdict.PRICE: "Other price",
    Verdict.QUANTITY: "Other quantity",
    Verdict.MISSED: "Missed by the run",
    Verdict.EXTRA: "By the run alone",
}


class DivergenceView(TenantPageMixin, View):
    """What agrees and what differs, trade by trade; asking for a new backtest."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """The comparison, or how far its backtest is; HTMX asks for the progress alone."""
        run = run_get(self.actor, run_id)
        report = divergence_report(self.actor, run)
        context: dict[str, Any] = {
            "run": run,
            "backtest": report.backtest,
            "comparison": report.comparison,
            "may_run": self.actor.may(Permission.RUN_BACKTESTS),
        }
        if request.headers.get("HX-Target") == "progress":
            if report.backtest is None or not report.backtest.is_live:
                return HttpResponseClientRefresh()
            return render(request, "backtests/divergence.html#progress", context)
        if report.comparison is not None:
            page = Paginator(report.comparison.found.trades, ROWS).get_page(request.GET.get("page"))
            context["page"] = page
            trades = list(page)
            context["rows"] = [
                (each, LABELS[each.verdict], each.run or each.backtest, reason)
                for each, reason in zip(trades, reasons_for(run, trades), strict=True)
            ]
            context["counts"] = [(LABELS[kind], count) for kind, count in report.comparison.counts.items()]
        return render(request, "backtests/divergence.html", context)

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """Queue the backtest and wait for it here."""
        self.actor.require(Permission.RUN_BACKTESTS)
        try:
            divergence_start(actor=self.actor, run_id=run_id)
        except (Conflict, InvalidInput, TooMany) as refused:
            messages.error(request, refused.detail)
        return redirect("backtests:divergence", run_id)
