"""The form for a new run: the strategy's own settings, and a verdict while it is filled in."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core import clock
from core.errors import InvalidInput, SaudaError
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import Candle
from trading.portfolio.selectors.rates import brokerage_plans
from trading.strategies.domain import Strategy

from ..forms import AXIS, SETTING, RunForm
from ..models import Run
from ..selectors.quotas import quota_of
from ..selectors.runs import run_get
from ..selectors.stored import stored_span
from ..selectors.strategies import strategies_by_kind, strategy_class
from ..services.checks import terms_check
from ..services.runs import backtest_start
from ..services.searches import search_plan, sweep_start, walk_forward_start

_USUAL = ("NSE:RELIANCE", "NSE:NIFTY")
_USUAL_CAPITAL = "1000000"
_USUAL_STRATEGY = "ma_cross"


class NewRunView(TenantPageMixin, View):
    """The form, filled from a strategy's defaults or from an earlier run (`?from=`)."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty or pre-filled form."""
        return render(request, "backtests/new.html", self._context(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Queue the run and go to it; the form again, with what is wrong, otherwise."""
        form = RunForm(request.POST)
        errors: dict[str, list[str]] = {}
        if form.is_valid():
            try:
                run = _start(self.actor, form)
            except SaudaError as refused:
                errors = refused.errors or {"": [refused.detail]}
            else:
                return redirect("backtests:run", run.pk)
        else:
            errors = {name: [str(line) for line in lines] for name, lines in form.errors.items()}
        context = self._context(request) | {"verdict": {"errors": errors}}
        return render(request, "backtests/new.html", context, status=422)

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        asked = request.POST if request.method == "POST" else request.GET
        values = _values(self, asked.dict())
        strategy = _strategy(self, values["strategy"])
        return {
            "groups": strategies_by_kind(self.actor),
            "strategy": strategy,
            "settings": _settings(strategy, values),
            "intervals": [each.value for each in strategy.intervals] if strategy else [],
            "asked": values,
            "plans": brokerage_plans(),
            "form": RunForm(),
        }


class SettingsView(TenantPageMixin, View):
    """The settings of a strategy that was just chosen."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Its fields with their defaults."""
        strategy = strategy_class(self.actor.organisation_id, request.GET.get("strategy", ""))
        context = {
            "strategy": strategy,
            "settings": _settings(strategy, {}),
            "intervals": [each.value for each in strategy.intervals],
            "asked": request.GET.dict(),
        }
        return render(request, "backtests/new.html#settings", context)


class CheckView(TenantPageMixin, View):
    """Whether what stands in the form can run; nothing is written."""

    permission_required: ClassVar[Permission] = Permission.RUN_BACKTESTS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The verdict: what would be read, or what is wrong with which field."""
        form = RunForm(request.POST)
        if not form.is_valid():
            errors = {name: [str(line) for line in lines] for name, lines in form.errors.items()}
            return _verdict(request, {"errors": errors})
        quota = quota_of(self.actor.organisation_id)
        organisation_id = self.actor.organisation_id
        try:
            if form.cleaned_data["kind"] in ("", Run.Kind.BACKTEST):
                return _verdict(
                    request, {"checked": terms_check(organisation_id, form.terms(), quota), "quota": quota}
                )
            plan = search_plan(organisation_id, form.terms(), form.search(), quota)
        except InvalidInput as refused:
            return _verdict(request, {"errors": refused.errors or {"": [refused.detail]}})
        return _verdict(request, {"checked": plan.checked, "plan": plan, "quota": quota})


def _start(actor: Actor, form: RunForm) -> Run:
    match form.cleaned_data["kind"]:
        case Run.Kind.SWEEP:
            return sweep_start(actor=actor, terms=form.terms(), search=form.search())
        case Run.Kind.WALK_FORWARD:
            return walk_forward_start(actor=actor, terms=form.terms(), search=form.search())
        case _:
            return backtest_start(actor=actor, terms=form.terms())


def _verdict(request: HttpRequest, verdict: dict[str, Any]) -> HttpResponse:
    return render(request, "backtests/new.html#verdict", {"verdict": verdict})


def _values(view: TenantPageMixin, asked: dict[str, str]) -> dict[str, str]:
    """What the form begins with: what was asked, an earlier run, the usual."""
    values = {
        "strategy": _USUAL_STRATEGY,
        "interval": "5m",
        "capital": _USUAL_CAPITAL,
        "square_off": "on",
        "benchmark": "NSE:NIFTY",
        "charging": "RATES",
        "funds": "REAL",
        "kind": Run.Kind.BACKTEST.value,
        "count": "100",
        "in_sample": "60",
        "out_of_sample": "20",
    }
    if "from" in asked:
        values |= _values_of(run_get(view.actor, _uuid(asked["from"])))
    elif "first" not in asked:
        values |= _usual_ground()
    return values | asked


def _values_of(run: Run) -> dict[str, str]:
    first = run.strategies.all()[0]
    return {
        "strategy": first.key,
        "symbols": " ".join(first.symbols),
        "interval": first.interval,
        "product": first.product,
        "first": run.first.isoformat(),
        "last": run.last.isoformat(),
        "capital": f"{run.capital_paise / 100:.0f}",
        "plan": run.plan,
        "charging": run.charging,
        "funds": run.funds,
        "slippage_model": run.slippage_model,
        "slippage_value": str(run.slippage_value.normalize()),
        "square_off": "on" if run.square_off else "",
        "seed": str(run.seed),
        "benchmark": run.benchmark,
        **{f"{SETTING}{name}": _text(value) for name, value in first.parameters.items()},
    }


def _usual_ground() -> dict[str, str]:
    """An instrument that has minutes, and the span that is stored of it."""
    instrument = next(
        (each for each in Instrument.objects.filter(key__in=_USUAL).order_by("-key") if _has_minutes(each)), None
    )
    span = stored_span(instrument, Interval.M1) if instrument else None
    if instrument is None or span is None:
        last = clock.trading_date() - timedelta(days=1)
        return {"symbols": _USUAL[0], "first": (last - timedelta(days=30)).isoformat(), "last": last.isoformat()}
    first, last = max(span[0], span[1] - timedelta(days=365)), span[1]
    return {"symbols": instrument.key, "first": first.isoformat(), "last": last.isoformat()}


def _has_minutes(instrument: Instrument) -> bool:
    return Candle.objects.filter(instrument=instrument).exists()


def _settings(strategy: type[Strategy] | None, values: dict[str, str]) -> list[dict[str, Any]]:
    """A field for each setting, with the value that it has now."""
    if strategy is None:
        return []
    return [
        {
            "parameter": each,
            "name": f"{SETTING}{each.name}",
            "value": values.get(f"{SETTING}{each.name}", _text(each.default)),
            "axis": f"{AXIS}{each.name}",
            "listed": values.get(f"{AXIS}{each.name}", ""),
            "bounds": [(part, values.get(f"{AXIS}{each.name}:{part}", "")) for part in ("from", "to", "step")],
        }
        for each in strategy.parameters()
    ]


def _strategy(view: TenantPageMixin, key: str) -> type[Strategy] | None:
    try:
        return strategy_class(view.actor.organisation_id, key)
    except InvalidInput:
        return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("That names no run.", code="unknown_run") from error
