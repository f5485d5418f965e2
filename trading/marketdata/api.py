"""Market data over REST: every member may see it, no tenant owns it."""

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.clock import wall_now
from core.errors import NotFound
from trading.instruments.selectors import instrument_get

from . import selectors
from .domain.bars import Interval
from .domain.candle_json import candle_rows
from .serializers import (
    DEFAULT_CANDLES,
    CandlesQuery,
    CandlesSerializer,
    DepthSerializer,
    DepthShape,
    FeedShape,
    FeedsSerializer,
    QuoteShape,
    QuotesQuery,
    QuotesSerializer,
)

_json = msgspec.json.Encoder()
_KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Instrument key, as NSE:RELIANCE")
_QUOTE_EXAMPLE = {
    "symbol": "NSE:RELIANCE",
    "ltp": "1420.10",
    "change": "12.10",
    "change_pct": "0.86",
    "open": "1410.00",
    "high": "1423.50",
    "low": "1406.20",
    "close": "1408.00",
    "volume": 4210533,
    "oi": 0,
    "bid": "1420.00",
    "ask": "1420.10",
    "bid_quantity": 350,
    "ask_quantity": 122,
    "timestamp": "2026-11-20T05:10:01.250000Z",
    "stale": False,
    "source": "simulated",
}
_QUOTES_EXAMPLE = {"next": None, "previous": None, "results": [_QUOTE_EXAMPLE], "silent": []}
_DEPTH_EXAMPLE = {
    "symbol": "NSE:RELIANCE",
    "ltp": "1420.10",
    "bids": [{"price": "1420.00", "quantity": 350, "orders": 4}],
    "asks": [{"price": "1420.10", "quantity": 122, "orders": 2}],
    "total_bid_quantity": 350,
    "total_ask_quantity": 122,
    "timestamp": "2026-11-20T05:10:01.250000Z",
    "stale": False,
    "source": "simulated",
}


def _answer(content: object) -> HttpResponse:
    return HttpResponse(_json.encode(content), content_type="application/json")


class QuotesView(TenantAPIView):
    """Latest quotes of several instruments."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="quotes_list",
        tags=["market data"],
        parameters=[
            OpenApiParameter("symbols", str, required=True, description="Instrument keys, comma-separated")
        ],
        responses=QuotesSerializer,
        examples=[OpenApiExample("one quote", response_only=True, value=_QUOTES_EXAMPLE)],
    )
    def get(self, request: Request) -> HttpResponse:
        """The latest quotes, in the order asked for; known symbols that no feed has told of are listed apart."""
        query = QuotesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        keys: list[str] = query.validated_data["symbols"]
        found = selectors.quotes_latest(keys)
        silent = [key for key in keys if key not in found]
        for key in silent:
            instrument_get(key)
        moment, after = wall_now(), settings.QUOTE_STALE_AFTER
        shapes = [QuoteShape.of(found[key], moment, after) for key in keys if key in found]
        return _answer({"next": None, "previous": None, "results": shapes, "silent": silent})


class DepthView(TenantAPIView):
    """The order book of one instrument."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="depth_retrieve",
        tags=["market data"],
        parameters=[_KEY],
        responses=DepthSerializer,
        examples=[OpenApiExample("a book", response_only=True, value=_DEPTH_EXAMPLE)],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """Up to five levels a side, best first."""
        instrument = instrument_get(key)
        quote = selectors.quote_latest(instrument.key)
        if quote is None:
            raise NotFound(f"No feed has sent a quote of {instrument.key} yet.", code="no_quote")
        return _answer(DepthShape.of(quote, wall_now(), settings.QUOTE_STALE_AFTER))


class CandlesView(TenantAPIView):
    """Candles of one instrument."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="candles_list",
        tags=["market data"],
        parameters=[
            _KEY,
            OpenApiParameter("interval", str, enum=[each.value for each in Interval], default="1m"),
            OpenApiParameter("from", str, description="First bar starts at or after this moment (RFC 3339)"),
            OpenApiParameter("to", str, description="Bars start before this moment (default: now)"),
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
        """Bars in ascending order, the forming one included; longer intervals derive from one-minute bars."""
        instrument = instrument_get(key)
        query = CandlesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted: dict[str, Any] = query.validated_data
        interval = Interval(wanted["interval"])
        series = selectors.candles(
            instrument, interval, start=wanted.get("from"), end=wanted.get("to"), limit=wanted["limit"]
        )
        return _answer({"symbol": instrument.key, "interval": interval, "candles": candle_rows(series)})


class FeedsView(TenantAPIView):
    """How the feeds are doing."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="feeds_list",
        tags=["market data"],
        responses=FeedsSerializer,
        examples=[
            OpenApiExample(
                "one feed",
                response_only=True,
                value={
                    "next": None,
                    "previous": None,
                    "results": [
                        {
                            "source": "simulated",
                            "state": "LIVE",
                            "detail": "",
                            "instruments": 50,
                            "started_at": "2026-11-20T03:45:00Z",
                            "reported_at": "2026-11-20T05:10:01Z",
                            "last_tick_at": "2026-11-20T05:10:00.900000Z",
                            "ticks": 91022,
                            "rejected": {"out_of_order": 3},
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Each feed's state, age and counters of refused ticks by reason."""
        shapes = [
            FeedShape.of(status, selectors.feed_state(status)) for status in selectors.feed_statuses().values()
        ]
        return _answer({"next": None, "previous": None, "results": shapes})
