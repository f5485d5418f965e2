"""Where minutes and recordings are kept."""

from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission

from ... import selectors
from ...serializers.health import StorageSerializer, storage_shape


class StorageView(TenantAPIView):
    """Where minutes lie."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="market_storage_retrieve",
        tags=["market data"],
        responses=StorageSerializer,
        examples=[
            OpenApiExample(
                "month partitions",
                response_only=True,
                value={
                    "tables": [
                        {
                            "table": "marketdata_candle",
                            "kept_months": 0,
                            "kind": "partitioned",
                            "rows": 812_000,
                            "size": 96_000_000,
                            "stray_rows": 0,
                            "months_ahead": 3,
                            "partitions": [
                                {
                                    "name": "marketdata_candle_2026_11",
                                    "month": "2026_11",
                                    "rows": 281_000,
                                    "size": 33_000_000,
                                }
                            ],
                        }
                    ],
                    "recordings_kept_days": 30,
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Candles and option minutes with their partitions, rows and sizes; how long recordings are kept."""
        tables = [storage_shape(selectors.storage_state(table)) for table in selectors.MONTHLY_TABLES]
        return Response({"tables": tables, "recordings_kept_days": settings.RECORDING_KEEP_DAYS})
