"""Quotes over REST: every member may see them, no tenant owns them."""

from functools import lru_cache

import msgspec
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import read
from core.clock import wall_now
from trading.instruments.selectors import instrument_get

from .. import selectors
from ..selectors.quotes import REMEMBERED, quote_read
from ..serializers import QuoteShape, QuotesQuery, QuotesSerializer
from .answer import answer, encode

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
        keys = _keys_asked(request.query_params.get("symbols"))
        found = selectors.quotes_shown(keys)
        silent = [key for key in keys if key not in found]
        for key in silent:
            instrument_get(key)
        moment, after = wall_now(), settings.QUOTE_STALE_AFTER
        results = [_written(data, quote_read(data).is_stale(moment, after)) for data in found.values()]
        return answer({"next": None, "previous": None, "results": results, "silent": silent})


@lru_cache(maxsize=256)
def _keys_asked(symbols: str | None) -> tuple[str, ...]:
    """The keys of a query string, checked once: a client asks for the same ones over and over."""
    return tuple(read(QuotesQuery(data={} if symbols is None else {"symbols": symbols}))["symbols"])


@lru_cache(maxsize=REMEMBERED)
def _written(data: bytes, stale: bool) -> msgspec.Raw:
    """The JSON of a quote as the store keeps it, written once for as long as neither changes."""
    return msgspec.Raw(encode(QuoteShape.of(quote_read(data), stale=stale)))
