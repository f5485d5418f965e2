"""One's own notifications over the API."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage

from .selectors import notification_shape, notifications_for
from .serializers import NotificationSerializer
from .services import notification_read, notifications_read_all

_EXAMPLE = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
    "kind": "trade_executed",
    "title": "Bought 10 RELIANCE",
    "body": "10 at 1,515.20 on Alpha · Swing",
    "link": "/orders/01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e/",
    "created_at": "2026-11-20T05:04:03.120000+00:00",
    "read_at": None,
}


class NotificationsView(TenantAPIView):
    """The caller's notifications."""

    permissions_required = {"GET": Permission.VIEW_MARKET}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="notifications_list",
        parameters=[OpenApiParameter("unread", OpenApiTypes.BOOL, description="Only those not read yet.")],
        responses=NotificationSerializer(many=True),
        examples=[OpenApiExample("trade", value=_EXAMPLE, response_only=True)],
        tags=["notifications"],
    )
    def get(self, request: Request) -> Response:
        """The caller's own notifications, newest first."""
        found = notifications_for(self.actor)
        if request.query_params.get("unread", "").lower() in {"true", "1"}:
            found = found.filter(read_at=None)
        return self.paged(request, found, lambda page: [notification_shape(one) for one in page])


class NotificationReadView(TenantAPIView):
    """Marking one as read."""

    permissions_required = {"POST": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="notifications_read",
        request=None,
        responses=NotificationSerializer,
        examples=[OpenApiExample("read", value=_EXAMPLE, response_only=True)],
        tags=["notifications"],
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        """Mark one of the caller's notifications as read; reading twice changes nothing."""
        return Response(notification_shape(notification_read(actor=self.actor, notification_id=notification_id)))


class NotificationsReadAllView(TenantAPIView):
    """Marking all as read."""

    permissions_required = {"POST": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="notifications_read_all", request=None, responses={204: None}, tags=["notifications"]
    )
    def post(self, request: Request) -> Response:
        """Mark all of the caller's notifications as read."""
        notifications_read_all(actor=self.actor)
        return Response(status=204)
