"""Groups of orders: the list, one group with its legs, and cancelling a whole one."""

from typing import ClassVar
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict
from trading.orders.domain.group import GroupKind, GroupStatus
from trading.orders.domain.states import LIVE
from trading.orders.selectors.groups import group_get, group_legs, group_state, groups_filtered
from trading.orders.services import group_cancel
from trading.orders.views.answers import acted

PAGE_SIZE = 50


class GroupListView(TenantPageMixin, View):
    """Every group of the accounts the actor may see, newest first."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        kind = request.GET.get("kind", "")
        groups = groups_filtered(self.actor, kind=kind if kind in set(GroupKind) else "")
        page = Paginator(groups, PAGE_SIZE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "rows": [(group, group_state(group), group_legs(group)) for group in page],
            "kind": kind,
            "kinds": list(GroupKind),
            "may_place": self.actor.may(Permission.PLACE_ORDERS),
        }
        partial = request.headers.get("HX-Request")
        return render(request, "orders/groups/_list.html" if partial else "orders/groups/list.html", context)


class GroupDetailView(TenantPageMixin, View):
    """One group: how the whole stands, and each leg with its orders."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, group_id: UUID) -> HttpResponse:
        """The page, or its body when an order has moved."""
        group = group_get(self.actor, group_id)
        status = group_state(group)
        orders = list(group.orders.all())
        context = {
            "group": group,
            "status": status,
            "legs": group_legs(group),
            "orders": orders,
            "live": sum(order.status in LIVE for order in orders),
            "charges_paise": sum(order.charges_paise for order in orders),
            "hold_paise": sum(order.hold_paise for order in orders),
            "may_cancel": status is GroupStatus.WORKING and self.actor.may(Permission.CANCEL_ORDERS),
        }
        partial = request.headers.get("HX-Request")
        return render(request, "orders/groups/_detail.html" if partial else "orders/groups/detail.html", context)


class GroupCancelView(TenantPageMixin, View):
    """Cancel whatever of a group has not traded."""

    permission_required: ClassVar[Permission] = Permission.CANCEL_ORDERS

    def post(self, request: HttpRequest, group_id: UUID) -> HttpResponse:
        """Tell the page that orders moved."""
        back = reverse("orders:group", args=[group_id])
        try:
            group_cancel(actor=self.actor, group_id=group_id)
        except Conflict as error:
            return acted(request, error.detail, to=back, tone="warn")
        return acted(request, "Cancelled what had not traded.", to=back)
