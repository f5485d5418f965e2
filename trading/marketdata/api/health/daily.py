"""Daily bars and whose prices they are."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of
from trading.instruments.selectors import instrument_get

from ... import selectors
from ...serializers.health import DailyBarSerializer, SpanOfDays
from ..answer import KEY


class DailyBarsView(TenantAPIView):
    """Daily bars with their source."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="market_daily_list",
        tags=["market data"],
        parameters=[KEY, SpanOfDays],
        responses=DailyBarSerializer(many=True),
        examples=[
            OpenApiExample(
                "one day",
                response_only=True,
                value={
                    "date": "2026-11-20",
                    "source": "bhavcopy",
                    "open": "1408.00",
                    "high": "1421.50",
                    "low": "1405.10",
                    "close": "1412.60",
                    "previous_close": "1409.00",
                    "volume": 9217011,
                    "oi": 0,
                    "turnover": "13023600000.00",
                    "trades": 276501,
                    "delivered": 4474310,
                    "minutes": 360,
                },
            )
        ],
    )
    def get(self, request: Request, key: str) -> Response:
        """Each stored day with all that is known of it, newest first; a year at most."""
        instrument = instrument_get(key)
        asked = query_of(request, SpanOfDays)
        bars = selectors.daily_bars(instrument, first=asked["from"], last=asked["to"])
        return Response(DailyBarSerializer(bars, many=True).data)
