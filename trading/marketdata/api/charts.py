"""Layouts and drawings of charts over REST: each member's own."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import body_of, query_of
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get

from .. import selectors, services
from ..domain.bars import Interval
from ..domain.chart import ChartScale, ChartStyle, DrawingColour, DrawingKind
from ..serializers import (
    ChartDrawingInput,
    ChartDrawingSerializer,
    ChartDrawingsQuery,
    ChartDrawingsSerializer,
    ChartLayoutInput,
    ChartLayoutSerializer,
)

_TAGS = ["charts"]
_SYMBOL_OR_DEFAULT = OpenApiParameter(
    "key", str, OpenApiParameter.PATH, description="Instrument key, or `default` for all charts without their own"
)
_LOOK = {
    "interval": "5m",
    "style": "CANDLES",
    "scale": "LINEAR",
    "compare": ["NSE:NIFTY"],
    "indicators": [{"name": "ema", "params": {"length": 21}, "colours": {"ema": "BLUE"}, "hidden": False}],
}
_LAYOUT = {"saved_for": "NSE:RELIANCE", **_LOOK}
_LINE = {
    "symbol": "NSE:RELIANCE",
    "kind": "TREND",
    "first_time": "2026-11-19T09:15:00+05:30",
    "first_price": "1402.00",
    "second_time": "2026-11-20T15:25:00+05:30",
    "second_price": "1424.50",
    "text": "",
    "colour": "ACCENT",
}
_DRAWING = {"id": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c77", **_LINE}
_DEFAULT = "default"


def _instrument(key: str) -> Instrument | None:
    """What a layout's address names; None for the default. Raises NotFound."""
    return None if key == _DEFAULT else instrument_get(key)


class ChartLayoutsView(TenantAPIView):
    """All layouts the caller has kept."""

    permissions_required = {"GET": Permission.VIEW_MARKET}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="chart_layouts_list",
        tags=_TAGS,
        responses=ChartLayoutSerializer(many=True),
        examples=[OpenApiExample("layout", response_only=True, value=_LAYOUT)],
    )
    def get(self, request: Request) -> Response:
        """One's own layouts, newest first."""
        rows = selectors.chart_layouts(self.actor)
        return self.paged(request, rows, lambda page: [ChartLayoutSerializer(one).data for one in page])


class ChartLayoutView(TenantAPIView):
    """How the caller's chart of one instrument looks."""

    permissions_required = dict.fromkeys(("GET", "PUT", "DELETE"), Permission.VIEW_MARKET)

    @extend_schema(
        operation_id="chart_layouts_retrieve",
        tags=_TAGS,
        parameters=[_SYMBOL_OR_DEFAULT],
        responses=ChartLayoutSerializer,
        examples=[OpenApiExample("layout", response_only=True, value=_LAYOUT)],
    )
    def get(self, request: Request, key: str) -> Response:
        """The instrument's own layout, else the default, else the house's; `saved_for` says which."""
        return Response(ChartLayoutSerializer(selectors.chart_layout_for(self.actor, _instrument(key))).data)

    @extend_schema(
        operation_id="chart_layouts_save",
        tags=_TAGS,
        parameters=[_SYMBOL_OR_DEFAULT],
        request=ChartLayoutInput,
        responses=ChartLayoutSerializer,
        examples=[
            OpenApiExample("look", request_only=True, value=_LOOK),
            OpenApiExample("layout", response_only=True, value=_LAYOUT),
        ],
    )
    def put(self, request: Request, key: str) -> Response:
        """Keep it."""
        instrument = _instrument(key)
        look = body_of(request, ChartLayoutInput)
        layout = services.chart_layout_save(
            actor=self.actor,
            instrument=instrument,
            interval=Interval(look["interval"]),
            style=ChartStyle(look["style"]),
            scale=ChartScale(look["scale"]),
            compare=look["compare"],
            indicators=look["indicators"],
        )
        return Response(ChartLayoutSerializer(layout).data)

    @extend_schema(
        operation_id="chart_layouts_delete", tags=_TAGS, parameters=[_SYMBOL_OR_DEFAULT], responses={204: None}
    )
    def delete(self, request: Request, key: str) -> Response:
        """Forget it: the chart looks like the default again. Twice is harmless."""
        services.chart_layout_delete(actor=self.actor, instrument=_instrument(key))
        return Response(status=204)


class ChartDrawingsView(TenantAPIView):
    """What the caller drew on one chart."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="chart_drawings_list",
        tags=_TAGS,
        parameters=[ChartDrawingsQuery],
        responses=ChartDrawingsSerializer,
        examples=[
            OpenApiExample(
                "one line", response_only=True, value={"next": None, "previous": None, "results": [_DRAWING]}
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """One's own drawings on the chart of a symbol, oldest first."""
        instrument = instrument_get(query_of(request, ChartDrawingsQuery)["symbol"])
        drawn: Any = selectors.chart_drawings(self.actor, instrument)
        return Response({"next": None, "previous": None, "results": ChartDrawingSerializer(drawn, many=True).data})


class ChartDrawingView(TenantAPIView):
    """One drawing; its id is the client's choice."""

    permissions_required = {"PUT": Permission.VIEW_MARKET, "DELETE": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="chart_drawings_save",
        tags=_TAGS,
        request=ChartDrawingInput,
        responses={200: ChartDrawingSerializer, 201: ChartDrawingSerializer},
        examples=[
            OpenApiExample("a trend line", request_only=True, value=_LINE),
            OpenApiExample("kept", response_only=True, value=_DRAWING),
        ],
    )
    def put(self, request: Request, drawing_id: UUID) -> Response:
        """Keep a new drawing (201), or change one (200); sending the same again changes nothing."""
        wanted = body_of(request, ChartDrawingInput)
        drawing, is_new = services.chart_drawing_save(
            actor=self.actor,
            drawing_id=drawing_id,
            instrument=instrument_get(wanted["symbol"]),
            kind=DrawingKind(wanted["kind"]),
            first=_point(wanted, "first"),
            second=_point(wanted, "second"),
            text=wanted["text"],
            colour=DrawingColour(wanted["colour"]),
        )
        return Response(ChartDrawingSerializer(drawing).data, status=201 if is_new else 200)

    @extend_schema(operation_id="chart_drawings_delete", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, drawing_id: UUID) -> Response:
        """Take it off the chart."""
        services.chart_drawing_delete(actor=self.actor, drawing_id=drawing_id)
        return Response(status=204)


def _point(wanted: dict[str, Any], which: str) -> tuple[datetime | None, Decimal | None]:
    return wanted[f"{which}_time"], wanted[f"{which}_price"]
