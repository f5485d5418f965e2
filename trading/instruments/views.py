"""The type-ahead that the palette, the watchlist and the ticket ask."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission

from .selectors import instrument_search

_RESULTS = 12


class SearchView(TenantPageMixin, View):
    """Links to the charts of what matches `?q=`, as a fragment."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The best matches; nothing typed gives an empty list."""
        text = request.GET.get("q", "")
        found = instrument_search(text, limit=_RESULTS)
        return render(request, "instruments/_search_results.html", {"found": found, "query": text})
