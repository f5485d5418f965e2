"""Days whose candles are missing."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of
from core.errors import InvalidInput
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import instrument_get

from ... import selectors
from ...models import Backfill
from ...selectors import Coverage
from ...serializers.health import GapsQuery, GapsSerializer, gaps_shape


class GapsView(TenantAPIView):
    """Days whose candles are missing."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="market_gaps_list",
        tags=["market data"],
        parameters=[GapsQuery],
        responses=GapsSerializer,
        examples=[
            OpenApiExample(
                "one day",
                response_only=True,
                value={
                    "interval": "1m",
                    "trading_days": 21,
                    "instruments": 50,
                    "results": [
                        {
                            "symbol": "NSE:RELIANCE",
                            "segment": "EQUITY_FNO",
                            "gaps": [{"date": "2026-11-19", "state": "PARTIAL", "expected": 360, "stored": 112}],
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Instruments with gaps, those with most first. Stored days are compared with the exchange's calendar."""
        asked = query_of(request, GapsQuery)
        found = coverage_of(asked, [asked["symbol"]] if "symbol" in asked else None)
        return Response(
            {
                "interval": found.interval,
                "trading_days": len(found.trading_days),
                "instruments": len(found.instruments),
                "results": [gaps_shape(row) for row in found.instruments if row.gaps],
            }
        )


def coverage_of(asked: dict[str, Any], symbols: list[str] | None) -> Coverage:
    """The days of the asked span against the calendar; `symbols` None for all that have candles."""
    try:
        return selectors.coverage(
            Backfill.Interval(asked["interval"]),
            first=asked["from"],
            last=asked["to"],
            instruments=[instrument_get(key) for key in dict.fromkeys(symbols)] if symbols is not None else None,
            segment=Segment(asked["segment"]) if "segment" in asked else None,
        )
    except CalendarUnknown as error:
        # The caller named the year: asking again later would not help.
        raise InvalidInput(error.detail, code=error.code, errors={"from": [error.detail]}) from error
