"""What a resident declares, exports, and the conventions."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.domain.tax.rates import financial_year
from analytics.forms.journal import ConventionsForm
from analytics.models import CapitalGainsRate
from analytics.selectors import history_of, reckoning_of
from analytics.selectors.exports import Format, Table, export
from analytics.selectors.tax import tax_of, tax_years
from analytics.serializers.files import file_response
from analytics.serializers.tax import DISCLAIMER, FIRST_YEAR, LAST_YEAR
from analytics.services import conventions_set
from core import clock
from core.errors import InvalidInput, SaudaError

from .scope import Choice, query_of, scope_context, scope_of

_SALES_SHOWN = 200


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    if not text:
        return financial_year(clock.trading_date())
    if not text.isdigit() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise InvalidInput(
            "A financial year is named by the year in which it begins.",
            code="invalid_year",
            errors={"year": ["A year such as 2026."]},
        )
    return int(text)


class TaxPage(TenantPageMixin, View):
    """A financial year by head."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The year; this one if none is named."""
        scope = scope_of(request, self.actor)
        history = history_of(scope)
        year = _year(request)
        report = tax_of(history, year)
        context = scope_context(request, self.actor, scope) | {
            "tab": "tax",
            "span_choices": [
                Choice(f"{each}–{(each + 1) % 100:02d}", query_of(request, year=each), each == year)
                for each in tax_years(history)[:6]
            ],
            "tax": report,
            "sales": [
                (gain, history.instruments[gain.trade.instrument_id].key) for gain in report.gains[:_SALES_SHOWN]
            ],
            "rates": CapitalGainsRate.objects.all(),
            "disclaimer": DISCLAIMER,
            "may_export": self.actor.may(Permission.EXPORT),
            "export_query": query_of(request, table="tax", year=year),
        }
        return render(request, "analytics/tax.html", context)


class ExportView(TenantPageMixin, View):
    """A table to take away."""

    permission_required = Permission.EXPORT

    def get(self, request: HttpRequest) -> HttpResponse:
        """The file."""
        try:
            table, form = Table(request.GET.get("table", "trades")), Format(request.GET.get("file", "csv"))
        except ValueError:
            raise InvalidInput("There is no such export.", code="unknown_export") from None
        scope = scope_of(request, self.actor)
        history = history_of(scope)
        content = export(
            history, scope, table, form, organisation_id=self.actor.organisation_id, year=_year(request)
        )
        return file_response(content, table, form)


class ConventionsPage(TenantPageMixin, View):
    """How figures are reckoned."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What is in force."""
        found = reckoning_of(self.actor.organisation_id)
        kept = found.conventions
        initial = {
            "periods_per_year": kept.periods_per_year,
            "risk_free": f"{kept.risk_free * 100:g}",
            "confidence": f"{kept.confidence * 100:g}",
            "index": found.index_key,
        }
        return self._page(request, ConventionsForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Reckon so from now on, the past too."""
        self.actor.require(Permission.MANAGE_ORGANISATION)
        form = ConventionsForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                conventions_set(
                    actor=self.actor,
                    periods_per_year=said["periods_per_year"],
                    risk_free=said["risk_free"] / Decimal(100),
                    confidence=said["confidence"] / Decimal(100),
                    index_key=said["index"].strip().upper(),
                )
            except SaudaError as error:
                form.add_error(None, error.detail)
            else:
                messages.success(request, "All figures are reckoned so from now on.")
                return redirect("analytics:conventions")
        return self._page(request, form, status=400)

    def _page(self, request: HttpRequest, form: ConventionsForm, status: int = 200) -> HttpResponse:
        may_change = self.actor.may(Permission.MANAGE_ORGANISATION)
        context = {"tab": "conventions", "form": form, "may_change": may_change}
        return render(request, "analytics/conventions.html", context, status=status)
