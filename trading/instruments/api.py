"""Instruments and the market's hours over REST. No tenant owns them; every member may see them."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage

from .domain.calendar import CalendarUnknown
from .domain.keys import index_symbol
from .domain.sessions import Phase, SessionState
from .models import Instrument
from .selectors import instrument_get, instrument_search, instruments_listed, market_status, session_at
from .selectors.search import LARGEST_LIMIT, LIMIT
from .serializers import (
    InstrumentDetailSerializer,
    InstrumentSerializer,
    InstrumentsQuery,
    MarketStatusSerializer,
    SessionSerializer,
)

_EXAMPLE = {
    "key": "NFO:NIFTY26NOV24000CE",
    "exchange": "NFO",
    "symbol": "NIFTY26NOV24000CE",
    "name": "NIFTY",
    "instrument_type": "CE",
    "underlying": "NIFTY",
    "expiry": "2026-11-23",
    "strike": "24000.00",
    "lot_size": 65,
    "tick_size": "0.05",
    "freeze_quantity": 1800,
    "isin": "",
    "has_derivatives": False,
    "is_active": True,
}
_SESSION_EXAMPLE = {
    "phase": "CONTINUOUS",
    "reason": "continuous",
    "opens_at": "2026-11-20T03:45:00Z",
    "closes_at": "2026-11-20T10:00:00Z",
}
_STATUS_EXAMPLE = {
    "at": "2026-11-20T05:10:00Z",
    "simulated": False,
    **_SESSION_EXAMPLE,
    "segments": [{"segment": "EQUITY", **_SESSION_EXAMPLE}],
}


class InstrumentPage(CursorPage):
    """Instruments in the order of their keys."""

    ordering = "key"
    max_page_size = LARGEST_LIMIT


class InstrumentsView(TenantAPIView):
    """Instruments that can be traded or watched today."""

    permissions_required = {"GET": Permission.VIEW_MARKET}
    pagination_class = InstrumentPage

    @extend_schema(
        operation_id="instruments_list",
        tags=["instruments"],
        parameters=[InstrumentsQuery],
        responses=InstrumentSerializer(many=True),
        examples=[OpenApiExample("an option", response_only=True, value=_EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """Instruments by key; with `search` the best matches first, on one page."""
        query = InstrumentsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted: dict[str, Any] = query.validated_data
        narrowed = _condition(wanted)
        if wanted.get("search"):
            found = instrument_search(wanted["search"], limit=wanted.get("limit", LIMIT), narrowed=narrowed)
            results = InstrumentSerializer(found, many=True).data
            return Response({"next": None, "previous": None, "results": results})
        listed = instruments_listed().filter(narrowed)
        return self.paged(request, listed, lambda page: InstrumentSerializer(page, many=True).data)


def _condition(wanted: dict[str, Any]) -> Q:
    condition = Q()
    for parameter, field in (("exchange", "exchange"), ("type", "instrument_type"), ("expiry", "expiry")):
        if parameter in wanted:
            condition &= Q(**{field: wanted[parameter]})
    if wanted.get("underlying"):
        condition &= Q(underlying=index_symbol(wanted["underlying"].rpartition(":")[2]))
    return condition


class InstrumentView(TenantAPIView):
    """One instrument."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="instruments_retrieve",
        tags=["instruments"],
        parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH, description="Key, as NSE:RELIANCE")],
        responses=InstrumentDetailSerializer,
        examples=[OpenApiExample("an option", response_only=True, value={**_EXAMPLE, "session": _SESSION_EXAMPLE})],
    )
    def get(self, request: Request, key: str) -> Response:
        """The instrument of a key, with its session; index aliases such as NSE:NIFTY50 are understood."""
        instrument = instrument_get(key)
        session: Any = _session_now(instrument)
        return Response({**InstrumentSerializer(instrument).data, "session": SessionSerializer(session).data})


def _session_now(instrument: Instrument) -> dict[str, Any]:
    try:
        return _session(session_at(instrument))
    except CalendarUnknown as unknown:
        return _session(SessionState(Phase.CLOSED, None, None, str(unknown)))


class MarketStatusView(TenantAPIView):
    """What the market is doing now."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="market_status",
        tags=["instruments"],
        responses=MarketStatusSerializer,
        examples=[OpenApiExample("open", response_only=True, value=_STATUS_EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The session of each segment by market time, which a replay moves."""
        status = market_status()
        segments = [{"segment": segment, **_session(state)} for segment, state in status.segments.items()]
        answer: Any = {
            "at": status.at,
            "simulated": status.simulated,
            **_session(status.session),
            "segments": segments,
        }
        return Response(MarketStatusSerializer(answer).data)


def _session(state: SessionState) -> dict[str, Any]:
    return {
        "phase": state.phase,
        "reason": state.reason,
        "opens_at": state.opens_at,
        "closes_at": state.closes_at,
    }
