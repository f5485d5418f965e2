"""What the legs on the page come to, and the order that they make."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import InvalidInput, NotFound, Unprocessable
from core.ids import new_id
from trading.orders.domain.strategy_leg import StrategyLeg
from trading.orders.forms.strategies import legs_in, product_in, what_if_in
from trading.orders.selectors.strategies.analysis import StrategyAnalysis, strategy_analysis
from trading.orders.selectors.strategies.legs import legs_named
from trading.orders.selectors.strategies.shape import analysis_shape
from trading.orders.services.strategies.order import product_for
from trading.orders.views.answers import reasons
from trading.portfolio.active_account import active_account

REFUSALS = (InvalidInput, NotFound, Unprocessable)


class AnalysisView(TenantPageMixin, View):
    """The figures beside the legs. Writes nothing."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def post(self, request: HttpRequest) -> HttpResponse:
        """The partial, with the curves for the page to draw; without legs an invitation."""
        try:
            legs = legs_in(request.POST)
            found = strategy_analysis(legs, what_if_in(request.POST)) if legs else None
        except REFUSALS as error:
            return render(request, "orders/strategies/_figures.html", {"problems": reasons(error)})
        return render(request, "orders/strategies/_figures.html", {} if found is None else _context(found))


class OrderView(TenantPageMixin, View):
    """The legs that are to be sent, as the form that sends them through the builder of multi-leg orders."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The partial with the joint margin; nothing is placed by it."""
        context: dict[str, Any] = {
            "account": active_account(request, self.actor),
            "client_order_id": str(new_id()),
            "name": request.POST.get("name", "")[:64],
            "all_or_nothing": request.POST.get("all_or_nothing", "1") == "1",
            "autoslice": request.POST.get("autoslice") == "1",
        }
        try:
            legs = [leg for leg in legs_in(request.POST) if not leg.is_held]
            product = product_in(request.POST)
            rows = [(leg, product_for(leg, product)) for leg in legs_named(legs)] if legs else []
        except REFUSALS as error:
            context["problems"] = reasons(error)
        else:
            context |= {"rows": rows, "limits": sum(_is_limit(leg) for leg in legs)}
        return render(request, "orders/strategies/_order.html", context)


def _is_limit(leg: StrategyLeg) -> bool:
    return leg.price is not None


def _context(found: StrategyAnalysis) -> dict[str, Any]:
    ends = found.outcome
    reward = None
    if ends.best.amount and ends.worst.amount and ends.best.amount > 0 > ends.worst.amount:
        reward = ends.best.amount / -ends.worst.amount
    moved = found.what_if.spot != found.now.spot or found.what_if.at != found.now.at
    return {
        "found": found,
        "data": analysis_shape(found),
        "reward": reward,
        "moved": moved,
        "probability_pct": None if ends.probability is None else ends.probability * 100,
        "volatility_pct": None if found.outlook is None else found.outlook.volatility * 100,
    }
