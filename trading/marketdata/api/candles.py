"""Candles over REST."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from trading.instruments.selectors import instrument_get

from .. import selectors
from ..domain.bars import Interval
from ..domain.candle_json import candle_rows
from ..serializers import (
    DEFAULT_CANDLES,
    CandlesQuery,
    CandlesSerializer,
)
from .answer import KEY, answer


class CandlesView(TenantAPIView):
    """Candles of one instrument."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="candles_list",
        tags=["market data"],
        parameters=[
            KEY,
            OpenApiParameter("interval", str, enum=[each.value for each in Interval], default="1m"),
            OpenApiParameter("from", str, description="First bar starts at or after this moment (RFC 3339)"),
            OpenApiParameter("to", str, description="Bars start before this moment (default: now)"),
            OpenApiParameter(
                "adjusted",
                str,
                default="false",
                description="`true` for splits and bonuses, or kinds by commas: `split,bonus,dividend`",
            ),
            OpenApiParameter("limit", int, default=DEFAULT_CANDLES, description="The latest so many of the span"),
        ],
        responses=CandlesSerializer,
        examples=[
            OpenApiExample(
                "five minutes",
                response_only=True,
                value={
                    "symbol": "NSE:RELIANCE",
                    "interval": "5m",
                    "candles": [
                        ["2026-11-20T09:15:00+05:30", "1410.00", "1414.60", "1408.90", "1412.30", 184211, 0]
                    ],
                },
            )
        ],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """Bars in ascending order, the forming one included; intraday ones derive from one-minute bars.

        Daily and weekly bars come from the exchange's bhavcopies where they were imported, else from the minutes.
        """
        instrument = instrument_get(key)
        query = CandlesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted: dict[str, Any] = query.validated_data
        interval = Interval(wanted["interval"])
        series = selectors.candles(
            instrument,
            interval,
            start=wanted.get("from"),
            end=wanted.get("to"),
            limit=wanted["limit"],
            adjusted=bool(wanted["adjusted"]),
            adjust_for=wanted["adjusted"],
        )
        return answer({"symbol": instrument.key, "interval": interval, "candles": candle_rows(series)})
