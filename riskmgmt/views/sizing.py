"""The sizing calculator."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import InvalidInput, NotFound
from riskmgmt.domain.sizing import Method
from riskmgmt.forms import SizingForm
from riskmgmt.selectors.sizing import SizingAnswer, SizingQuestion, position_size
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import Interval
from trading.portfolio.selectors import accounts_for

from .desk import account_of

METHODS = {
    Method.RISK_PER_TRADE: "Risk per trade, from the stop",
    Method.FIXED_FRACTION: "Fixed fraction of the capital",
    Method.VOLATILITY: "Volatility (ATR)",
    Method.KELLY: "Kelly, capped",
}
REASONS = {
    "below_one_lot": "The risk does not pay for one lot.",
    "no_edge": "Without an edge Kelly puts nothing in.",
    "kelly_capped": "Kelly would take more; the cap holds.",
    "quantity_capped": "Cut down to the largest order that is taken at all.",
    "above_capital": "Worth more than the capital: this needs leverage.",
}


class SizingView(TenantPageMixin, View):
    """How much to trade; asked by a plain form, answered in place."""

    permission_required = Permission.VIEW_RISK

    def get(self, request: HttpRequest) -> HttpResponse:
        """The calculator, with the answer when the address asks a question."""
        context: dict[str, Any] = {
            "tab": "sizing",
            "account": account_of(self, request),
            "accounts": accounts_for(self.actor),
            "methods": METHODS.items(),
            "asked": request.GET,
            "method": request.GET.get("method", Method.RISK_PER_TRADE),
            "intervals": [interval.value for interval in Interval if interval is not Interval.W1],
            "may_kill": self.actor.may(Permission.KILL_SWITCH),
        }
        status = 200
        if "symbol" in request.GET:
            status = self._answer(request, context)
        partial = request.headers.get("HX-Request")
        return render(request, f"riskmgmt/sizing.html{'#answer' if partial else ''}", context, status=status)

    def _answer(self, request: HttpRequest, context: dict[str, Any]) -> int:
        """Put the answer, or what is wrong with the question, into the context; the status to answer with."""
        form = SizingForm(request.GET)
        if not form.is_valid():
            context["errors"] = {name: lines[0] for name, lines in form.errors.items()}
            return 422
        try:
            question = _question(form.cleaned_data)
            answer = position_size(actor=self.actor, question=question)
        except NotFound as error:
            context["errors"] = {"symbol": error.detail}
            return 422
        except InvalidInput as error:
            context["errors"] = {name: lines[0] for name, lines in error.errors.items()}
            return 422
        context.update(question=question, answer=answer, note=REASONS.get(answer.size.reason, ""))
        context["risk_percent"] = _risk_percent(answer)
        return 200


def _risk_percent(answer: SizingAnswer) -> Decimal | None:
    if answer.size.risk is None:
        return None
    return answer.size.risk * 100 / answer.ground.capital


def _question(values: dict[str, Any]) -> SizingQuestion:
    known = {
        name: value
        for name, value in values.items()
        if value not in (None, "") and name not in ("account", "symbol", "method", "side", "atr_interval")
    }
    try:
        interval = Interval(values["atr_interval"] or Interval.D1)
    except ValueError as error:
        raise InvalidInput("There is no such interval.", errors={"atr_interval": ["unknown"]}) from error
    return SizingQuestion(
        account_id=values["account"],
        key=values["symbol"].upper(),
        method=Method(values["method"]),
        side=Side(values["side"] or Side.BUY),
        atr_interval=interval,
        **known,
    )
