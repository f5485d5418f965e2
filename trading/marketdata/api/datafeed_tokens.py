"""Tokens for charting clients over REST."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView, require_recent_log_in
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import body_of

from .. import selectors, services
from ..serializers import DatafeedTokenCreatedSerializer, DatafeedTokenInput, DatafeedTokenSerializer

_TAGS = ["datafeed"]
_TOKEN = {
    "id": "0199c0de-0000-7000-8000-0000000000e1",
    "name": "Charting on the big screen",
    "prefix": "udf_1f9c20",
    "user": "trader@alpha.demo",
    "created_at": "2026-11-02T09:15:00+05:30",
    "last_used_at": None,
    "revoked_at": None,
}


class DatafeedTokensView(TenantAPIView):
    """Tokens that open the TradingView datafeed, `/udf/<token>/`."""

    permissions_required = {"GET": Permission.VIEW_MARKET, "POST": Permission.VIEW_MARKET}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="datafeed_tokens_list",
        tags=_TAGS,
        responses=DatafeedTokenSerializer(many=True),
        examples=[OpenApiExample("token", response_only=True, value=_TOKEN)],
    )
    def get(self, request: Request) -> Response:
        """One's own tokens, newest first; those who manage members see everybody's."""
        rows = selectors.datafeed_tokens(self.actor)
        return self.paged(request, rows, lambda page: [DatafeedTokenSerializer(one).data for one in page])

    @extend_schema(
        operation_id="datafeed_tokens_create",
        tags=_TAGS,
        request=DatafeedTokenInput,
        responses={201: DatafeedTokenCreatedSerializer},
        examples=[
            OpenApiExample("new token", request_only=True, value={"name": "Charting on the big screen"}),
            OpenApiExample(
                "token, once",
                response_only=True,
                value={**_TOKEN, "token": "udf_1f9c20…", "url": "https://desk.example.com/udf/udf_1f9c20…"},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a token of one's own; its text is in this answer and nowhere else. Takes a recent log-in."""
        wanted = body_of(request, DatafeedTokenInput)
        require_recent_log_in(request)
        token, text = services.datafeed_token_create(actor=self.actor, name=wanted["name"])
        shape = DatafeedTokenSerializer(token).data
        url = request.build_absolute_uri(f"/udf/{text}")
        return Response({**shape, "token": text, "url": url}, status=201, headers={"Cache-Control": "no-store"})


class DatafeedTokenView(TenantAPIView):
    """One token."""

    permissions_required = {"DELETE": Permission.VIEW_MARKET}

    @extend_schema(operation_id="datafeed_tokens_revoke", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Close its address from the next request on; those who manage members may close anybody's."""
        services.datafeed_token_revoke(actor=self.actor, token_id=token_id)
        return Response(status=204)
