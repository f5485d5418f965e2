"""API keys."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView, require_recent_log_in
from accounts.domain.permissions import Permission
from accounts.selectors import api_keys
from accounts.services import api_key_create, api_key_revoke
from core.api.pagination import CursorPage

from .serializers import ApiKeyCreatedSerializer, ApiKeyInput, ApiKeySerializer

_KEY = {
    "id": "0199c0de-0000-7000-8000-0000000000d0",
    "name": "Spreadsheet",
    "prefix": "sauda_1f9c20",
    "user": {"id": "0199c0de-0000-7000-8000-000000000001", "email": "trader@alpha.demo", "name": "Asha"},
    "scopes": ["VIEW_ACCOUNTS", "VIEW_MARKET"],
    "allowed_networks": ["203.0.113.0/24"],
    "created_at": "2026-11-02T09:15:00+05:30",
    "expires_at": "2027-11-02T09:15:00+05:30",
    "last_used_at": None,
    "revoked_at": None,
}


class ApiKeysView(TenantAPIView):
    """Keys for programs."""

    permissions_required = {"GET": Permission.MANAGE_API_KEYS, "POST": Permission.MANAGE_API_KEYS}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="api_keys_list",
        tags=["api-keys"],
        responses=ApiKeySerializer(many=True),
        examples=[OpenApiExample("key", response_only=True, value=_KEY)],
    )
    def get(self, request: Request) -> Response:
        """One's own keys, newest first; those who manage members see everybody's."""
        return self.paged(request, api_keys(self.actor), lambda page: ApiKeySerializer(page, many=True).data)

    @extend_schema(
        operation_id="api_keys_create",
        tags=["api-keys"],
        request=ApiKeyInput,
        responses={201: ApiKeyCreatedSerializer},
        examples=[
            OpenApiExample(
                "new key",
                request_only=True,
                value={"name": "Spreadsheet", "scopes": ["VIEW_MARKET"], "allowed_networks": ["203.0.113.0/24"]},
            ),
            OpenApiExample("key, once", response_only=True, value={**_KEY, "key": "sauda_1f9c20…"}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a key of one's own; its text is in this answer and nowhere else. Takes a recent log-in."""
        form = ApiKeyInput(data=request.data)
        form.is_valid(raise_exception=True)
        require_recent_log_in(request)
        key, secret = api_key_create(actor=self.actor, **form.validated_data)
        return Response({**ApiKeySerializer(key).data, "key": secret}, status=201)


class ApiKeyView(TenantAPIView):
    """One key."""

    permissions_required = {"DELETE": Permission.MANAGE_API_KEYS}

    @extend_schema(operation_id="api_keys_revoke", tags=["api-keys"], responses={204: None})
    def delete(self, request: Request, api_key_id: UUID) -> Response:
        """Make a key useless, at once."""
        api_key_revoke(actor=self.actor, api_key_id=api_key_id)
        return Response(status=204)
