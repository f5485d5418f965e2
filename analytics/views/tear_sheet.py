"""The tear sheet as a page and as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.domain.breakdown import By
from analytics.selectors import history_of, performance_of
from analytics.selectors.breakdown import breakdown
from analytics.selectors.executions import slippage_of
from analytics.selectors.tear_sheet import tear_sheet_file
from analytics.serializers.files import pdf_response
from core import clock

from .scope import scope_context, scope_of

_TOP = 8


class TearSheetPage(TenantPageMixin, View):
    """Everything on a sheet that prints well."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The sheet."""
        scope = scope_of(request, self.actor)
        history = history_of(scope)
        context = scope_context(request, self.actor, scope) | {
            "tab": "tear",
            "report": performance_of(scope, organisation_id=self.actor.organisation_id, history=history),
            "slippage": slippage_of(scope),
            "symbols": breakdown(history, scope, By.SYMBOL)[:_TOP],
            "strategies": breakdown(history, scope, By.STRATEGY)[:_TOP],
            "made_at": clock.now(),
            "may_export": self.actor.may(Permission.EXPORT),
        }
        return render(request, "analytics/tear_sheet.html", context)


class TearSheetFileView(TenantPageMixin, View):
    """The same as a PDF."""

    permission_required = Permission.EXPORT

    def get(self, request: HttpRequest) -> HttpResponse:
        """The file."""
        scope = scope_of(request, self.actor)
        return pdf_response(tear_sheet_file(scope, organisation_id=self.actor.organisation_id), "tear-sheet")
