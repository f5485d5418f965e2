"""The dashboard."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.selectors import dashboard


class DashboardView(TenantPageMixin, View):
    """Money, positions, orders and trades at one look."""

    permission_required = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its live part for HTMX."""
        template = "analytics/dashboard.html"
        if request.headers.get("HX-Request"):
            template += "#live"
        return render(request, template, {"board": dashboard(self.actor)})
