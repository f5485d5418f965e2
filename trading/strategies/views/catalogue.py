"""The catalogue: every strategy that the organisation can run, and one of them."""

from itertools import groupby
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import NotFound
from core.templatetags.desk import grouped
from trading.marketdata.domain.indicators.parameters import Kind as SettingKind
from trading.marketdata.domain.indicators.parameters import Parameter
from trading.strategies.domain.strategy import Kind, SignalStrategy
from trading.strategies.domain.validation import hooks_of
from trading.strategies.models import StrategyCode
from trading.strategies.registry import Listed, Origin, registry
from trading.strategies.selectors.catalogue import OWN, strategies_of, strategy_listed

KIND_TITLES = {
    Kind.TREND: "Trend",
    Kind.REVERSION: "Reversion",
    Kind.BREAKOUT: "Break-out",
    Kind.MOMENTUM: "Momentum",
    Kind.PAIRS: "Pairs",
    Kind.INVESTING: "Investing",
    Kind.OPTIONS: "Options",
    Kind.CUSTOM: "Other",
}
ORIGIN_TITLES = {
    Origin.HOUSE: "Built in",
    Origin.PACKAGE: "Installed package",
    Origin.FOLDER: "Desk's folder",
    Origin.ORGANISATION: "Your own",
}
# The backtester lies above this app, so its page is known by its address alone.
_BACKTEST_FORM = "/backtests/new/"


class CatalogueView(TenantPageMixin, View):
    """All strategies by kind, with a search; HTMX asks for the list alone."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest) -> HttpResponse:
        """An unknown kind shows all."""
        kind = next((each for each in Kind if each.value == request.GET.get("kind")), None)
        text = request.GET.get("q", "")[:100]
        everything = strategies_of(self.actor, text=text)
        shown = [each for each in everything if kind is None or each.strategy.kind is kind]
        writes = self.actor.may(Permission.MANAGE_STRATEGY_CODE)
        context: dict[str, Any] = {
            "kinds": _counted(everything),
            "kind": kind,
            "query": text,
            "groups": [
                (KIND_TITLES[each], [_row(one) for one in rows])
                for each, rows in groupby(shown, key=lambda one: one.strategy.kind)
            ],
            "count": len(shown),
            "writes": writes,
            "faults": registry().faults if writes else (),
        }
        partial = request.headers.get("HX-Target") == "catalogue"
        return render(request, f"strategies/catalogue.html{'#list' if partial else ''}", context)


class DetailView(TenantPageMixin, View):
    """One strategy: what it does, when it fails, what can be set."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest, strategy_key: str) -> HttpResponse:
        """An unknown key is 404."""
        found = strategy_listed(self.actor, strategy_key)
        strategy = found.strategy
        context = {
            **_row(found),
            "strategy": strategy,
            "doc": strategy.doc,
            "settings": [_setting(each) for each in strategy.parameters()],
            "is_signals": issubclass(strategy, SignalStrategy),
            "hooks": hooks_of(strategy),
            "code": self._code(found),
            "tests": self.actor.may(Permission.RUN_BACKTESTS),
            "runs": self.actor.may(Permission.RUN_STRATEGIES),
            "backtest_url": f"{_BACKTEST_FORM}?{urlencode({'strategy': strategy.key})}",
        }
        return render(request, "strategies/detail.html", context)

    def _code(self, found: Listed) -> StrategyCode | None:
        """The row behind an own strategy, for those who may change it."""
        if found.origin is not Origin.ORGANISATION or not self.actor.may(Permission.MANAGE_STRATEGY_CODE):
            return None
        name = found.strategy.key.removeprefix(OWN).partition("@")[0]
        code: StrategyCode | None = StrategyCode.objects.for_actor(self.actor).filter(key=name).first()
        if code is None:
            raise NotFound("There is no such strategy.")
        return code


def _counted(found: list[Listed]) -> list[tuple[Kind, str, int]]:
    counts = {kind: sum(each.strategy.kind is kind for each in found) for kind in Kind}
    return [(kind, KIND_TITLES[kind], counts[kind]) for kind in Kind if counts[kind]]


def _row(found: Listed) -> dict[str, Any]:
    least, most = found.strategy.symbols_wanted
    return {
        "key": found.strategy.key,
        "title": found.strategy.title,
        "kind_title": KIND_TITLES[found.strategy.kind],
        "idea": found.strategy.doc.idea,
        "intervals": [each.value for each in found.strategy.intervals],
        "instruments": f"{least}" if least == most else f"{least} to {most}",
        "settings_count": len(found.strategy.parameters()),
        "origin": ORIGIN_TITLES[found.origin],
        "is_house": found.origin is Origin.HOUSE,
        "source": found.source,
    }


def _setting(parameter: Parameter) -> dict[str, str]:
    if parameter.kind is SettingKind.CHOICE:
        allowed = ", ".join(parameter.choices)
    elif parameter.minimum is not None and parameter.maximum is not None:
        allowed = f"{grouped(parameter.minimum)} to {grouped(parameter.maximum)}"
    else:
        allowed = _ALLOWED.get(parameter.kind, "")
    default = parameter.default
    if isinstance(default, bool):
        shown = "yes" if default else "no"
    else:
        shown = grouped(default) if isinstance(default, int | float) else str(default)
    return {"name": parameter.name, "title": parameter.title, "default": shown, "allowed": allowed}


_ALLOWED = {
    SettingKind.FLAG: "yes or no",
    SettingKind.CLOCK: "a time of the trading day",
    SettingKind.SYMBOL: "an instrument's key",
}
