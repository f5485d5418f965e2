"""Pages of runs: the list, one run with its signals, making one, and what can be done with them."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View
from django_htmx.http import trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.clock import wall_now
from core.errors import Conflict, InvalidInput, NotFound, Unprocessable
from trading.portfolio.active_account import active_account, visible_accounts
from trading.strategies.domain.runs.schedule import days_of
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import RunState, may_move
from trading.strategies.forms.runs import SETTING, RunChangeForm, RunForm, RunLimitsForm
from trading.strategies.models import StrategyRun
from trading.strategies.selectors.catalogue import strategies_of, strategy_in
from trading.strategies.selectors.runs import (
    notes_of,
    run_get,
    runs_for,
    signals_filtered,
    signals_waiting,
    strategy_of,
    strategy_title,
)
from trading.strategies.selectors.runs.worth import RunWorth, run_worth
from trading.strategies.services.runs import (
    run_create,
    run_flatten,
    run_limits_change,
    run_pause,
    run_start,
    run_stop,
    signal_approve,
    signal_decline,
)

PAGE_SIZE = 50
SIGNALS_SHOWN = 50
NOTES_SHOWN = 60
VIEWS = {
    "active": ("Active", (RunState.RUNNING, RunState.PAUSED, RunState.STOPPING, RunState.FAILED)),
    "draft": ("Drafts", (RunState.DRAFT,)),
    "stopped": ("Stopped", (RunState.STOPPED,)),
}
REFUSALS = (Conflict, InvalidInput, NotFound, Unprocessable)


class RunListView(TenantPageMixin, View):
    """Runs by view, with where they stand."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        view = request.GET.get("view", "active")
        view = view if view in VIEWS else "active"
        runs = runs_for(self.actor).filter(state__in=VIEWS[view][1])
        page = Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page"))
        now = wall_now()
        context = {
            "page": page,
            "rows": [(run, strategy_title(run), run.is_silent(now)) for run in page],
            "view": view,
            "views": [(name, label) for name, (label, _) in VIEWS.items()],
            "waiting": list(signals_waiting(self.actor)[:SIGNALS_SHOWN]),
            "may_run": self.actor.may(Permission.RUN_STRATEGIES),
        }
        template = (
            "strategies/runs/_list.html" if request.headers.get("HX-Request") else "strategies/runs/list.html"
        )
        return render(request, template, context)


class RunDetailView(TenantPageMixin, View):
    """One run: state, worth, signals, orders, journal, settings."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """The page, or its body for HTMX."""
        run = run_get(self.actor, run_id)
        signals = signals_filtered(self.actor, run_id=run.id)
        worth: RunWorth = run_worth(run)
        context = {
            "run": run,
            "title": strategy_title(run),
            "settings": _settings(run),
            "days": [day.name.capitalize() for day in days_of(run.weekdays)],
            "is_silent": run.is_silent(wall_now()),
            "worth": worth,
            "waiting": list(signals.filter(state=SignalState.WAITING).order_by("seq")),
            "signals": list(signals[:SIGNALS_SHOWN]),
            "notes": list(notes_of(run)[:NOTES_SHOWN]),
            "may_run": self.actor.may(Permission.RUN_STRATEGIES),
            "can": {
                "start": may_move(RunState(run.state), RunState.RUNNING),
                "pause": may_move(RunState(run.state), RunState.PAUSED),
                "stop": run.state not in (RunState.STOPPED, RunState.STOPPING),
            },
        }
        partial = request.headers.get("HX-Request")
        return render(
            request, "strategies/runs/_detail.html" if partial else "strategies/runs/detail.html", context
        )


class RunNewView(TenantPageMixin, View):
    """The form for `?strategy=`; without one, which strategies there are."""

    permission_required: ClassVar[Permission] = Permission.RUN_STRATEGIES

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, filled with the strategy's defaults."""
        key = request.GET.get("strategy", "")
        if not key:
            return render(request, "strategies/runs/which.html", {"strategies": strategies_of(self.actor)})
        strategy = strategy_in(self.actor.organisation_id, key)
        account = active_account(request, self.actor)
        initial = {
            "name": strategy.title[:48],
            "account": None if account is None else str(account.id),
            "symbols": request.GET.get("symbols", ""),
        }
        form = RunForm(key=key, strategy=strategy, accounts=self._accounts(request), initial=initial)
        return self._form(request, form, key)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The new run's page, or the form with a word on why not."""
        key = request.POST.get("strategy", "")
        strategy = strategy_in(self.actor.organisation_id, key)
        form = RunForm(request.POST, key=key, strategy=strategy, accounts=self._accounts(request))
        if not form.is_valid():
            return self._form(request, form, key, status=422)
        try:
            run = run_create(actor=self.actor, draft=form.draft())
        except REFUSALS as error:
            _explain(form, error)
            return self._form(request, form, key, status=422)
        messages.success(request, f"{run.name} is ready. Nothing trades until you start it.")
        return HttpResponseRedirect(reverse("runs:detail", args=[run.id]))

    def _accounts(self, request: HttpRequest) -> list[Any]:
        return [each for each in visible_accounts(request, self.actor) if each.is_active]

    def _form(self, request: HttpRequest, form: RunForm, key: str, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "key": key, "strategy": strategy_in(self.actor.organisation_id, key)}
        return render(request, "strategies/runs/new.html", context, status=status)


class RunLimitsView(TenantPageMixin, View):
    """The form of what a run is held to."""

    permission_required: ClassVar[Permission] = Permission.RUN_STRATEGIES

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """The form, as it stands."""
        run = run_get(self.actor, run_id)
        now = {"capital": run.capital, "signal_seconds": run.signal_seconds, **asdict(run.limits)}
        return self._form(request, run, RunChangeForm(initial=now))

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """The run's page, or the form with a word on why not."""
        run = run_get(self.actor, run_id)
        form = RunChangeForm(request.POST)
        if not form.is_valid():
            return self._form(request, run, form, status=422)
        try:
            run_limits_change(
                actor=self.actor,
                run_id=run_id,
                changes=form.changes(),
                may_loosen=form.cleaned_data["loosen"],
            )
        except REFUSALS as error:
            _explain(form, error)
            return self._form(request, run, form, status=422)
        messages.success(request, f"{run.name} is held to this from its next decision on.")
        return HttpResponseRedirect(reverse("runs:detail", args=[run.id]))

    def _form(
        self, request: HttpRequest, run: StrategyRun, form: RunChangeForm, *, status: int = 200
    ) -> HttpResponse:
        return render(request, "strategies/runs/limits.html", {"form": form, "run": run}, status=status)


class _RunActView(TenantPageMixin, View):
    """Something is done with a run, then its page is shown again."""

    permission_required: ClassVar[Permission] = Permission.RUN_STRATEGIES

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        """Do it, and say what became of it."""
        run_get(self.actor, run_id)
        try:
            text = self.act(request, run_id)
        except REFUSALS as error:
            return _answer(request, run_id, error.detail, tone="warn")
        return _answer(request, run_id, text)

    def act(self, request: HttpRequest, run_id: UUID) -> str:
        """What is told afterwards."""
        raise NotImplementedError


class RunStartView(_RunActView):
    """Start a run, or go on with it."""

    def act(self, request: HttpRequest, run_id: UUID) -> str:
        return f"{run_start(actor=self.actor, run_id=run_id).name} is running."


class RunPauseView(_RunActView):
    """Pause a run."""

    def act(self, request: HttpRequest, run_id: UUID) -> str:
        return f"{run_pause(actor=self.actor, run_id=run_id).name} is paused and sends nothing."


class RunStopView(_RunActView):
    """Stop a run; with `flatten` close what it holds."""

    def act(self, request: HttpRequest, run_id: UUID) -> str:
        run = run_stop(actor=self.actor, run_id=run_id, flatten=bool(request.POST.get("flatten")))
        return f"{run.name} is stopped."


class RunFlattenView(_RunActView):
    """Close what a run holds."""

    def act(self, request: HttpRequest, run_id: UUID) -> str:
        reports = run_flatten(actor=self.actor, run_id=run_id)
        refused = [f"{each.position.instrument.symbol}: {each.message}" for each in reports if each.code]
        if refused:
            raise Conflict(" ".join(refused))
        return f"Closing {len(reports)} positions." if reports else "There was nothing to close."


class _SignalAnswerView(TenantPageMixin, View):
    """A person answers a signal."""

    permission_required: ClassVar[Permission] = Permission.RUN_STRATEGIES
    answer: ClassVar[Callable[..., Any]]
    done: ClassVar[str]

    def post(self, request: HttpRequest, signal_id: UUID) -> HttpResponse:
        """Answer it, and say what became of it."""
        try:
            signal = type(self).answer(actor=self.actor, signal_id=signal_id)
        except Conflict as error:
            return _answer(request, None, error.detail, tone="warn")
        if signal.state == SignalState.REFUSED:
            return _answer(request, signal.run_id, f"Refused: {signal.reason}", tone="bad")
        what = f"{signal.side} {signal.quantity} {signal.instrument.symbol}"
        return _answer(request, signal.run_id, f"{self.done}: {what}.")


class SignalApproveView(_SignalAnswerView):
    """Approve a signal."""

    answer = staticmethod(signal_approve)
    done = "Sent"


class SignalDeclineView(_SignalAnswerView):
    """Decline a signal."""

    answer = staticmethod(signal_decline)
    done = "Declined"


def _settings(run: StrategyRun) -> list[tuple[str, Any]]:
    """The run's settings by their titles; by their names where the strategy is not there any more."""
    try:
        titles = {each.name: each.title for each in strategy_of(run).parameters()}
    except NotFound:
        titles = {}
    return [(titles.get(name, name), value) for name, value in run.parameters.items()]


def _explain(form: RunLimitsForm, error: Conflict | InvalidInput | NotFound | Unprocessable) -> None:
    """Put a refusal where its field is, above the form where it has none."""
    for name, lines in (error.errors or {"": [error.detail]}).items():
        field = name.rpartition(".")[2]
        known = next((each for each in (field, f"{SETTING}{field}") if each in form.fields), None)
        for line in lines:
            form.add_error(known, line)


def _answer(request: HttpRequest, run_id: UUID | None, text: str, *, tone: str = "ok") -> HttpResponse:
    """For HTMX a toast and the news that something moved, otherwise a redirect with a message."""
    if request.headers.get("HX-Request"):
        response = trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": tone})
        return trigger_client_event(response, "desk:changed", {"value": "orders positions"})
    (messages.success if tone == "ok" else messages.warning)(request, text)
    target = reverse("runs:list") if run_id is None else reverse("runs:detail", args=[run_id])
    return HttpResponseRedirect(target)
