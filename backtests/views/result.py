"""One run: how far it is, then what came out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import View
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import InvalidInput, NotFound

from ..domain.fan import fan
from ..domain.monte_carlo import Method, Plan
from ..models import Run, RunSeries
from ..selectors.costs import costs_of
from ..selectors.exports import CONTENT_TYPES, OFFERED, Form, What, export, filename
from ..selectors.price_chart import price_chart
from ..selectors.progress import progress_words
from ..selectors.results import monte_carlo, report_for, rows_of, series_get, trade_rows
from ..selectors.runs import run_get
from ..selectors.strategies import text_of
from .searching import sweep_context, walk_forward_context

ROWS = 50
TABS = {
    "trades": "Trades",
    "chart": "On the chart",
    "spread": "Distribution",
    "times": "By day and hour",
    "falls": "Drawdowns",
    "chance": "Monte Carlo",
    "orders": "Orders",
    "costs": "Costs",
    "log": "Journal",
}
METHODS = {
    Method.RESAMPLE: "Drawn anew, each trade on its own",
    Method.BLOCKS: "Drawn anew in runs of five, which keeps streaks",
    Method.SHUFFLE: "The same trades in another order",
}
Name = RunSeries.Name


class RunView(TenantPageMixin, View):
    """The page of a run of any kind."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """Progress while it is at work, else its result; HTMX asks for the progress alone."""
        run = run_get(self.actor, run_id)
        context: dict[str, Any] = {
            "run": run,
            "texts": [text_of(each) for each in run.strategies.all()],
            "may_write": self.actor.may(Permission.MANAGE_STRATEGY_CODE),
            "may_run": self.actor.may(Permission.RUN_BACKTESTS),
            "exports": _exports(run) if self.actor.may(Permission.EXPORT) else [],
        }
        if run.is_live:
            context["doing"] = progress_words(run)
        if request.headers.get("HX-Target") == "progress":
            if not run.is_live:
                return HttpResponseClientRefresh()
            return render(request, "backtests/run.html#progress", context)
        if run.kind == Run.Kind.SWEEP:
            context |= sweep_context(run, request.GET)
        elif run.kind == Run.Kind.WALK_FORWARD:
            context |= walk_forward_context(run)
        elif run.final_paise is not None:
            context |= self._result(run)
        return render(request, "backtests/run.html", context)

    def _result(self, run: Run) -> dict[str, Any]:
        trades = series_get(run, Name.TRADES)
        return {
            "report": report_for(run, trades),
            "tabs": TABS.items(),
            **_trades(trades, 1),
        }


class RunPanelView(TenantPageMixin, View):
    """What stands behind one of the result's tabs."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """The panel's body."""
        run = run_get(self.actor, run_id)
        tab = request.GET.get("tab", "trades")
        if tab not in TABS:
            raise NotFound("There is no such panel.")
        page = request.GET.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        context: dict[str, Any] = {"run": run, "tab": tab}
        if tab == "trades":
            context |= _trades(series_get(run, Name.TRADES), number)
        elif tab in ("spread", "times", "falls"):
            context["report"] = report_for(run, series_get(run, Name.TRADES))
        elif tab == "chance":
            context |= _chance(run, request.GET.get("method", Method.RESAMPLE.value))
        elif tab == "chart":
            context["symbols"] = sorted({symbol for each in run.strategies.all() for symbol in each.symbols})
        elif tab == "costs":
            context |= {"costs": costs_of(run)} | _rows(series_get(run, Name.EVENTS), number)
            context["rows"] = [
                row | {"net": Decimal(row["realised"]) - Decimal(row["charges"])} for row in context["rows"]
            ]
        else:
            context |= _rows(series_get(run, Name.ORDERS if tab == "orders" else Name.LOG), number)
        return render(request, "backtests/_panel.html", context)


class RunChartView(TenantPageMixin, View):
    """Bars of one of the run's instruments, and its fills on them."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """JSON for js/backtest_chart.js."""
        run = run_get(self.actor, run_id)
        return JsonResponse(price_chart(run, request.GET.get("symbol", "")))


class RunExportView(TenantPageMixin, View):
    """A result as a file."""

    permission_required: ClassVar[Permission] = Permission.EXPORT

    def get(self, request: HttpRequest, run_id: UUID, rows: str, form: str) -> HttpResponse:
        """One kind of rows, written one way."""
        run = run_get(self.actor, run_id)
        if rows not in list(What) or form not in list(Form):
            raise NotFound("There is no such file.")
        what, how = What(rows), Form(form)
        return HttpResponse(
            export(run, what, how),
            content_type=CONTENT_TYPES[how],
            headers={"Content-Disposition": f'attachment; filename="{filename(run, what, how)}"'},
        )


def _exports(run: Run) -> list[tuple[str, str]]:
    """What can be taken away of it: of a search also what has been tried so far."""
    if run.kind == Run.Kind.BACKTEST and run.final_paise is None:
        return []
    return [(what.value, form.value) for what in OFFERED[Run.Kind(run.kind)] for form in Form]


def _chance(run: Run, asked: str) -> dict[str, Any]:
    method = Method(asked) if asked in list(Method) else Method.RESAMPLE
    context: dict[str, Any] = {"method": method, "methods": METHODS.items()}
    try:
        found = monte_carlo(run, Plan(method=method, seed=run.seed))
    except InvalidInput as refused:
        return context | {"refused": refused.detail}
    return context | {
        "simulation": found,
        "fan": fan(found),
        "ends": list(zip(found.levels, found.final.tolist(), found.drawdown.tolist(), strict=True)),
    }


def _trades(columns: dict[str, Any], number: int) -> dict[str, Any]:
    count = len(columns.get("net", ()))
    page = Paginator(range(count), ROWS).get_page(number)
    start = (page.number - 1) * ROWS
    rows = trade_rows(columns, start, start + ROWS)
    shown = [row | {"held": timedelta(seconds=row["held_seconds"])} for row in rows]
    return {"trades": shown, "page": page, "trade_count": count}


def _rows(columns: dict[str, Any], number: int) -> dict[str, Any]:
    count = len(columns.get("at", ()))
    page = Paginator(range(count), ROWS).get_page(number)
    start = (page.number - 1) * ROWS
    return {"rows": list(rows_of(columns, start, start + ROWS)), "page": page}
