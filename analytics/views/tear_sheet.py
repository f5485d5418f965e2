"""The tear sheet as a page and as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.selectors.tear_sheet import tear_sheet, tear_sheet_file
from analytics.serializers.files import pdf_response

from .scope import scope_context, scope_of


class TearSheetPage(TenantPageMixin, View):
    """Everything on a sheet that prints well."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The sheet."""
        scope = scope_of(request, self.actor)
        context = scope_context(request, self.actor, scope) | {
            "tab": "tear",
            "sheet": tear_sheet(scope, organisation_id=self.actor.organisation_id),
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
