"""The audit trail."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from accounts.selectors import audit_entries
from core.api.pagination import CursorPage

from .serializers import AuditEntrySerializer


class _AuditPage(CursorPage):
    ordering = "-seq"


class AuditView(TenantAPIView):
    """What was done, by whom."""

    permissions_required = {"GET": Permission.VIEW_AUDIT}
    pagination_class = _AuditPage

    @extend_schema(
        operation_id="audit_list",
        tags=["audit"],
        parameters=[
            OpenApiParameter("action", str, description="The start of an action, such as `membership.`"),
            OpenApiParameter("actor", str, description="Part of the actor's name or address"),
        ],
        responses=AuditEntrySerializer(many=True),
        examples=[
            OpenApiExample(
                "entry",
                response_only=True,
                value={
                    "seq": 12,
                    "at": "2026-11-02T09:15:00+05:30",
                    "actor": "owner@alpha.demo",
                    "actor_kind": "USER",
                    "action": "membership.changed",
                    "object_type": "membership",
                    "object_id": "0199c0de-0000-7000-8000-0000000000b0",
                    "data": {"user": "trader@alpha.demo", "from": "trader", "to": "risk_manager"},
                    "prev_hash": "9f86d081…",
                    "hash": "60303ae2…",
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The organisation's audit trail, newest first."""
        entries = audit_entries(
            self.actor,
            action=request.query_params.get("action", ""),
            actor_text=request.query_params.get("actor", ""),
        )
        return self.paged(request, entries, lambda page: AuditEntrySerializer(page, many=True).data)
