"""The order book page, one order with its timeline, and what can be done to a working order."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import LIVE, WORKING, OrderStatus
from trading.orders.forms.orders import BookFilter
from trading.orders.selectors.orders import order_events, order_fills, order_get, orders_filtered, orders_for
from trading.orders.services import order_cancel
from trading.portfolio.active_account import visible_accounts

from .answers import answer_act
from .timeline import timeline

PAGE_SIZE = 50


class OrderListView(TenantPageMixin, View):
    """Orders by view (open, executed, …), symbol and account."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        book = BookFilter(request.GET)
        view, criteria = book.criteria()
        orders = orders_filtered(self.actor, **criteria).select_related("account")
        compact = request.GET.get("layout") == "panel"
        context = {
            "page": Paginator(orders, PAGE_SIZE).get_page(request.GET.get("page")),
            "view": view,
            "filter": book,
            "accounts": [] if compact else visible_accounts(request, self.actor),
            "open_count": orders_for(self.actor).filter(status__in=sorted(LIVE)).count(),
            "may_cancel": self.actor.may(Permission.CANCEL_ORDERS),
            "may_modify": self.actor.may(Permission.PLACE_ORDERS),
            "working": WORKING,
        }
        partial = "orders/_open_panel.html" if compact else "orders/_book.html"
        template = partial if request.headers.get("HX-Request") else "orders/list.html"
        return render(request, template, context)


class OrderDetailView(TenantPageMixin, View):
    """One order: terms, trades, charges and its timeline."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """The page, or its body when the order has moved."""
        order = order_get(self.actor, order_id)
        context = {
            "order": order,
            "instrument": order.instrument,
            "entries": timeline(order, order_events(order)),
            "fills": list(order_fills(order)),
            "is_working": order.status in LIVE,
            "presume_seconds": int(settings.ROUTE_PRESUME_AFTER.total_seconds()),
            "presume_reads": settings.ROUTE_PRESUME_READS,
            "is_modifiable": (order.status in WORKING or order.is_queued) and order.origin != Origin.TRIGGER,
            "may_cancel": self.actor.may(Permission.CANCEL_ORDERS),
            "may_modify": self.actor.may(Permission.PLACE_ORDERS),
        }
        partial = request.headers.get("HX-Request")
        return render(request, "orders/_detail.html" if partial else "orders/detail.html", context)


class OrderResultView(TenantPageMixin, View):
    """What the ticket turns into; follows the order until it is final."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """The partial."""
        order = order_get(self.actor, order_id)
        return render(request, "orders/_result.html", {"order": order, "instrument": order.instrument})


class OrderCancelView(TenantPageMixin, View):
    """Cancel one working order."""

    permission_required: ClassVar[Permission] = Permission.CANCEL_ORDERS

    def post(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """Tell the page that the order moved."""
        try:
            order = order_cancel(actor=self.actor, order_id=order_id)
        except Conflict as error:
            return answer_act(request, order_get(self.actor, order_id), error.detail, tone="warn")
        done = "Cancelled" if order.status == OrderStatus.CANCELLED else "Asked the broker to cancel"
        return answer_act(request, order, f"{done} {order.side.lower()} {order.instrument.symbol}.")
