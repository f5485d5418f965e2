"""Filling what is missing, and how far it is."""

from typing import ClassVar
from uuid import UUID

from django.db.models import Count
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import body_of

from ... import selectors, services
from ...history import history_source, history_source_names
from ...serializers.health import BackfillDetailSerializer, BackfillInput, BackfillSerializer
from .gaps import coverage_of

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
        found = coverage_of(asked, asked.get("symbols"))
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
