"""Several runs side by side."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission

from ..selectors.comparison import MOST, comparison


class CompareView(TenantPageMixin, View):
    """Equity as growth of the same rupee, and every figure in a column a run."""

    permission_required: ClassVar[Permission] = Permission.VIEW_STRATEGIES

    def get(self, request: HttpRequest) -> HttpResponse:
        """Those that the address names by `id`; others that could be added."""
        ids = [UUID(text) for text in request.GET.getlist("id") if _is_uuid(text)][:MOST]
        return render(request, "backtests/compare.html", {"comparison": comparison(self.actor, ids), "most": MOST})


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
