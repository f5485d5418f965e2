"""The health of the data over REST: gaps, backfills, imports, daily bars, partitions."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core import clock
from core.api.pagination import CursorPage
from core.api.reading import body_of, query_of
from core.errors import InvalidInput
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import instrument_get

from .. import selectors, services
from ..history import history_source, history_source_names
from ..models import Backfill
from ..selectors import Coverage
from ..serializers.health import (
    BackfillDetailSerializer,
    BackfillInput,
    BackfillSerializer,
    DailyBarSerializer,
    GapsQuery,
    GapsSerializer,
    ImportSerializer,
    SpanOfDays,
    StorageSerializer,
    gaps_shape,
)
from .answer import KEY

_BACKFILL = {
    "id": "01a1fd00-0000-7000-8000-000000000001",
    "source": "simulated",
    "interval": "1m",
    "status": "RUNNING",
    "first": "2026-11-02",
    "last": "2026-11-20",
    "total": 42,
    "done": 17,
    "percent": 40,
    "rows_written": 6_375,
    "detail": "",
    "requested_at": "2026-11-21T10:00:00Z",
    "finished_at": None,
}


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
        found = _coverage(asked, [asked["symbol"]] if "symbol" in asked else None)
        return Response(
            {
                "interval": found.interval,
                "trading_days": len(found.trading_days),
                "instruments": len(found.instruments),
                "results": [gaps_shape(row) for row in found.instruments if row.gaps],
            }
        )


class BackfillsView(TenantAPIView):
    """Backfills."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET, "POST": Permission.FILL_MARKET_DATA}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="market_backfills_list",
        tags=["market data"],
        responses=BackfillSerializer(many=True),
        examples=[OpenApiExample("running", response_only=True, value=_BACKFILL)],
    )
    def get(self, request: Request) -> Response:
        """All of them, latest first, paged by cursor."""
        return self.paged(request, selectors.backfills(), lambda page: BackfillSerializer(page, many=True).data)

    @extend_schema(
        operation_id="market_backfills_create",
        tags=["market data"],
        request=BackfillInput,
        responses={201: BackfillSerializer},
        examples=[
            OpenApiExample(
                "a week",
                request_only=True,
                value={"from": "2026-11-16", "to": "2026-11-20", "symbols": ["NSE:RELIANCE"]},
            ),
            OpenApiExample("queued", response_only=True, value=_BACKFILL | {"status": "QUEUED", "done": 0}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Fill the gaps of a span. `no_gaps` when nothing is missing; one backfill of a source runs at a time."""
        asked = body_of(request, BackfillInput)
        source = asked.get("source") or next(iter(history_source_names()), "")
        history_source(source)
        found = _coverage(asked, asked.get("symbols"))
        backfill = services.backfill_plan(
            actor=self.actor,
            gaps=((row.instrument.pk, gap.date) for row in found.instruments for gap in row.gaps),
            source=source,
            interval=found.interval,
        )
        return Response(BackfillSerializer(backfill).data, status=201)


class BackfillView(TenantAPIView):
    """One backfill."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET, "DELETE": Permission.FILL_MARKET_DATA}

    @extend_schema(
        operation_id="market_backfills_retrieve",
        tags=["market data"],
        responses=BackfillDetailSerializer,
        examples=[
            OpenApiExample(
                "running",
                response_only=True,
                value=_BACKFILL | {"outcomes": {"WAITING": 25, "FILLED": 16, "EMPTY": 1, "REFUSED": 0}},
            )
        ],
    )
    def get(self, request: Request, backfill_id: UUID) -> Response:
        """How far it is, and how its days came out."""
        backfill = selectors.backfill_get(backfill_id)
        counted = backfill.days.values("outcome").annotate(days=Count("pk")).values_list("outcome", "days")
        return Response({**BackfillSerializer(backfill).data, "outcomes": dict(counted)})

    @extend_schema(
        operation_id="market_backfills_cancel",
        tags=["market data"],
        responses={200: BackfillSerializer},
        examples=[OpenApiExample("cancelled", response_only=True, value=_BACKFILL | {"status": "CANCELLED"})],
    )
    def delete(self, request: Request, backfill_id: UUID) -> Response:
        """Cancel it. What it has filled stays; `backfill_over` when it has ended already."""
        backfill = services.backfill_cancel(actor=self.actor, backfill_id=backfill_id)
        return Response(BackfillSerializer(backfill).data)


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


class StorageView(TenantAPIView):
    """Where candles lie."""

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
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The candle table and its partitions, with rows and size."""
        state = selectors.storage_state()
        return Response(
            {
                "kind": state.kind,
                "rows": state.rows,
                "size": state.size,
                "stray_rows": state.stray_rows,
                "months_ahead": state.months_ahead(clock.now()),
                "partitions": [
                    {
                        "name": each.name,
                        "month": str(each.month) if each.month else None,
                        "rows": each.rows,
                        "size": each.size,
                    }
                    for each in state.partitions
                ],
            }
        )


def _coverage(asked: dict[str, Any], symbols: list[str] | None) -> Coverage:
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
