"""How accounts have done: figures, curve, months, breakdowns, trades."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.domain.breakdown import By
from analytics.selectors import history_of, performance_of
from analytics.selectors.breakdown import breakdown
from analytics.selectors.executions import slippage_of, trade_rows

from .scope import Choice, query_of, scope_context, scope_of

PAGE_SIZE = 50
_SHOWN = (By.SYMBOL, By.STRATEGY, By.PRODUCT, By.TAG, By.DAY, By.WEEKDAY, By.HOUR)
_ROWS = 12
_DAYS = 30


class PerformancePage(TenantPageMixin, View):
    """The dashboard of analytics."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The whole page, or the breakdown alone for HTMX."""
        scope = scope_of(request, self.actor)
        history = history_of(scope)
        by = request.GET.get("by", "")
        by = By(by) if by in set(By) else By.SYMBOL
        parts = breakdown(history, scope, by)
        context: dict[str, Any] = {
            "by": by,
            "parts": parts[-_DAYS:][::-1] if by is By.DAY else parts[:_ROWS],
            "left_out": max(len(parts) - (_DAYS if by is By.DAY else _ROWS), 0),
            "largest": max((abs(part.net_paise) for part in parts), default=0),
            "groups": [Choice(each.value, query_of(request, by=each.value), each is by) for each in _SHOWN],
        }
        if request.headers.get("HX-Target") == "breakdown":
            return render(request, "analytics/performance.html#breakdown", context)
        report = performance_of(scope, organisation_id=self.actor.organisation_id, history=history)
        closed = history.closed(scope)
        context |= scope_context(request, self.actor, scope, is_idle=not closed) | {
            "tab": "performance",
            "report": report,
            "slippage": slippage_of(scope),
            "recent": trade_rows(history, closed[::-1][:8], _names(scope.accounts)),
        }
        return render(request, "analytics/performance.html", context)


class TradesPage(TenantPageMixin, View):
    """Closed trades with how far they went against and for their owner."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of trades, newest first."""
        scope = scope_of(request, self.actor)
        history = history_of(scope)
        closed = history.closed(scope)
        page = Paginator(closed[::-1], PAGE_SIZE).get_page(request.GET.get("page"))
        context = scope_context(request, self.actor, scope, is_idle=not closed) | {
            "tab": "trades",
            "page": page,
            "rows": trade_rows(history, list(page.object_list), _names(scope.accounts)),
            "newer": query_of(request, page=page.previous_page_number()) if page.has_previous() else "",
            "older": query_of(request, page=page.next_page_number()) if page.has_next() else "",
        }
        return render(request, "analytics/trades.html", context)


def _names(accounts: Any) -> dict[Any, str]:
    return {account.id: account.name for account in accounts}
