"""The page of one's own notifications."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission

from .selectors import notifications_for, unread_count
from .services import notification_read, notifications_read_all

PAGE_SIZE = 50


class NotificationsView(TenantPageMixin, View):
    """What the reader was told, newest first."""

    permission_required = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its list alone for HTMX."""
        page = Paginator(notifications_for(self.actor), PAGE_SIZE).get_page(request.GET.get("page"))
        template = "notifications/list.html"
        if request.headers.get("HX-Request"):
            template += "#items"
        return render(request, template, {"page": page, "unread": unread_count(self.actor)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mark all as read."""
        notifications_read_all(actor=self.actor)
        return redirect("notifications:list")


class NotificationOpenView(TenantPageMixin, View):
    """Marks one as read and goes where it points."""

    permission_required = Permission.VIEW_MARKET

    def post(self, request: HttpRequest, notification_id: UUID) -> HttpResponse:
        """Links are our own paths only."""
        link = notification_read(actor=self.actor, notification_id=notification_id).link
        is_ours = link.startswith("/") and url_has_allowed_host_and_scheme(link, allowed_hosts=None)
        return redirect(link if is_ours else "notifications:list")


class UnreadCountView(TenantPageMixin, View):
    """The number on the bell, re-fetched when a notification arrives."""

    permission_required = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The bare number, or nothing when all is read."""
        return HttpResponse(unread_count(self.actor) or "")
