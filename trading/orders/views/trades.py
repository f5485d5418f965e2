"""Trades as a list, and the marks that an account has left on an instrument's chart."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import LIVE, WORKING
from trading.orders.forms import BookFilter
from trading.orders.selectors import orders_filtered, trades_filtered
from trading.portfolio.active_account import active_account, visible_accounts
from trading.portfolio.selectors import account_day_pnl, positions

PAGE_SIZE = 50
MARKS = 200


class TradeListView(TenantPageMixin, View):
    """Every fill of the accounts the actor may see, newest first."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        book = BookFilter(request.GET)
        _, criteria = book.criteria()
        criteria.pop("statuses")
        trades = trades_filtered(self.actor, **criteria).select_related("account", "instrument")
        context = {
            "page": Paginator(trades, PAGE_SIZE).get_page(request.GET.get("page")),
            "filter": book,
            "view": "trades",
            "views": [(name, label) for name, (label, _) in BookFilter.VIEWS.items()],
            "accounts": visible_accounts(request, self.actor),
        }
        partial = request.headers.get("HX-Request")
        return render(request, "orders/_trades.html" if partial else "orders/trades.html", context)


class StandingView(TenantPageMixin, View):
    """What the active account has running, for the heads of the desk's tabs: counts and the day's P&L."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The partial; empty without an account."""
        account = active_account(request, self.actor)
        context: dict[str, Any] = {"account": account}
        if account:
            working = orders_filtered(self.actor, account_id=account.id, statuses=sorted(LIVE))
            context |= {"open_orders": working.count(), "pnl": account_day_pnl(account.id)}
        return render(request, "orders/_standing.html", context)


class ChartMarksView(TenantPageMixin, View):
    """The active account's fills, waiting and resting orders and open positions in one instrument, as JSON."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """`{fills, orders, positions}`; empty lists without an account."""
        account = active_account(request, self.actor)
        if account is None:
            return JsonResponse({"fills": [], "orders": [], "positions": []})
        fills = trades_filtered(self.actor, key=key, account_id=account.id)[:MARKS]
        live = orders_filtered(self.actor, key=key, account_id=account.id, statuses=LIVE)
        working = [order for order in live if order.status in WORKING or order.is_queued]
        may_modify = self.actor.may(Permission.PLACE_ORDERS)
        held = positions(self.actor, account_id=account.id, symbol=key, only_open=True)
        marks: dict[str, list[dict[str, Any]]] = {
            "fills": [
                {"side": fill.side, "quantity": fill.quantity, "price": fill.price, "at": fill.traded_at}
                for fill in fills
            ],
            "orders": [
                {
                    "id": str(order.id),
                    "side": order.side,
                    "quantity": order.pending_quantity,
                    "price": order.price,
                    "trigger_price": order.trigger_price if order.waits_for_trigger else None,
                    "may_modify": may_modify and order.origin != Origin.TRIGGER,
                }
                for order in working
                if order.price is not None or order.waits_for_trigger
            ],
            "positions": [
                {"quantity": position.quantity, "average_price": position.average_price} for position in held
            ],
        }
        return JsonResponse(marks)
