"""Files that were imported."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage

from ... import selectors
from ...serializers.health import ImportSerializer


class ImportsView(TenantAPIView):
    """Imports of files."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="market_imports_list",
        tags=["market data"],
        responses=ImportSerializer(many=True),
        examples=[
            OpenApiExample(
                "a bhavcopy",
                response_only=True,
                value={
                    "id": 7,
                    "kind": "BHAVCOPY",
                    "filename": "sec_bhavdata_full_20112026.csv",
                    "format": "cm-full",
                    "finished_at": "2026-11-20T13:10:00Z",
                    "rows_read": 2954,
                    "inserted": 2381,
                    "updated": 0,
                    "unchanged": 0,
                    "skipped": 573,
                    "outside_session": 0,
                    "duplicates": 0,
                    "rejected": 0,
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Finished imports, latest first. A failed one leaves nothing."""
        return self.paged(request, selectors.file_imports(), lambda page: ImportSerializer(page, many=True).data)
