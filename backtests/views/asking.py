"""The form for a new run: the strategy's own settings, and a verdict while it is filled in."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django_htmx.http import trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import InvalidInput, SaudaError
from trading.portfolio.selectors.rates import brokerage_plans

from ..forms import PRODUCTS, RunForm, number_in, numbers_in
from ..models import Run
from ..selectors.quotas import quota_of
from ..selectors.strategies import strategies_by_kind
from ..services.checks import MOST_STRATEGIES, terms_check
from ..services.runs import backtest_start
from ..services.searches import search_plan, sweep_start, walk_forward_start
from .form_values import prefixed, strategy_block, values_for
from .verdicts import Verdict, wrong_shape, wrong_terms


class NewRunView(TenantPageMixin, View):
    """The form, filled from a strategy's defaults or from an earlier run (`?from=`)."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty or pre-filled form."""
        return render(request, "backtests/new.html", self._context(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Queue the run and go to it; the form again, with what is wrong, otherwise."""
        form = RunForm(request.POST)
        verdict = wrong_shape(form)
        if verdict is None:
            try:
                run = _start(self.actor, form)
            except SaudaError as refused:
                verdict = wrong_terms(form, refused)
            else:
                return redirect("backtests:run", run.pk)
        context = self._context(request) | {"verdict": verdict}
        return render(request, "backtests/new.html", context, status=422)

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        asked = request.POST if request.method == "POST" else request.GET
        values = values_for(self.actor, asked.dict())
        return {
            "groups": strategies_by_kind(self.actor),
            "blocks": [strategy_block(self.actor, number, values) for number in numbers_in(values)],
            "asked": values,
            "plans": brokerage_plans(),
            "products": PRODUCTS.items(),
            "form": RunForm(),
        }


class SettingsView(TenantPageMixin, View):
    """The settings of a strategy that was just chosen."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Its fields with their defaults."""
        number = number_in(request.GET.get("number", ""))
        block = strategy_block(self.actor, number, request.GET.dict())
        if block.strategy is None:
            raise InvalidInput("There is no such strategy.", code="unknown_strategy")
        return render(request, "backtests/_strategy.html#settings", {"block": block})


class StrategyAddView(TenantPageMixin, View):
    """One more strategy in the form."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Its fields, as those of the last strategy stand; a toast instead when the run has as many as it may."""
        numbers = numbers_in(request.POST)
        if len(numbers) >= MOST_STRATEGIES:
            text = f"At most {MOST_STRATEGIES} strategies share a run."
            return trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": "bad"})
        number = numbers[-1] + 1
        values = request.POST.dict()
        last = prefixed(numbers[-1])
        begun = {
            f"{prefixed(number)}{name}": values.get(f"{last}{name}", "")
            for name in ("strategy", "symbols", "interval")
        }
        context = {
            "groups": strategies_by_kind(self.actor),
            "block": strategy_block(self.actor, number, values | begun),
            "products": PRODUCTS.items(),
        }
        answer = render(request, "backtests/_strategy.html", context)
        return trigger_client_event(answer, "backtests:changed", {}, after="settle")


class CheckView(TenantPageMixin, View):
    """Whether what stands in the form can run; nothing is written."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The verdict: what would be read, or what is wrong with which field."""
        form = RunForm(request.POST)
        verdict = wrong_shape(form) or self._verdict(form)
        return render(request, "backtests/new.html#verdict", {"verdict": verdict})

    def _verdict(self, form: RunForm) -> Verdict:
        organisation_id = self.actor.organisation_id
        quota = quota_of(organisation_id)
        try:
            if form.cleaned_data["kind"] in ("", Run.Kind.BACKTEST):
                return Verdict(checked=terms_check(organisation_id, form.terms(), quota), quota=quota)
            plan = search_plan(organisation_id, form.terms(), form.search(), quota)
        except InvalidInput as refused:
            return wrong_terms(form, refused)
        return Verdict(checked=plan.checked, plan=plan, quota=quota)


def _start(actor: Actor, form: RunForm) -> Run:
    match form.cleaned_data["kind"]:
        case Run.Kind.SWEEP:
            return sweep_start(actor=actor, terms=form.terms(), search=form.search())
        case Run.Kind.WALK_FORWARD:
            return walk_forward_start(actor=actor, terms=form.terms(), search=form.search())
        case _:
            return backtest_start(actor=actor, terms=form.terms())
