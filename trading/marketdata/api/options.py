"""Option chains and the futures curve over REST."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of
from core.clock import trading_date
from trading.instruments.selectors import instrument_get

from ..domain.bars import Interval
from ..domain.candle_json import candle_rows
from ..domain.options.analytics import smile, summarise
from ..domain.options.chain import OptionChain
from ..selectors import options
from ..serializers import futures as futures_shapes
from ..serializers import option_schema as schema
from ..serializers import options as shapes
from . import option_examples as examples
from .answer import KEY, answer

UNDERLYING = OpenApiParameter(
    "underlying", str, OpenApiParameter.PATH, description="Symbol or key of the underlying, as NIFTY or NSE:NIFTY"
)
EXPIRY = OpenApiParameter("expiry", str, required=True, description="Date of expiry, as 2026-11-24")
AT = OpenApiParameter("at", str, description="As of this past moment (RFC 3339); without it, now")
DAY = OpenApiParameter("date", str, description="Trading day (default: today)")
INTERVAL = OpenApiParameter("interval", str, enum=[each.value for each in options.INTERVALS], default="5m")


class ExpiriesView(TenantAPIView):
    """Expiries of an underlying's options."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="option_expiries",
        tags=["options"],
        parameters=[UNDERLYING],
        responses=schema.ExpiriesSerializer,
        examples=[OpenApiExample("two weeks", response_only=True, value=examples.EXPIRIES)],
    )
    def get(self, request: Request, underlying: str) -> HttpResponse:
        """Every expiry that is known, past ones included: their chains are kept."""
        today = trading_date()
        found = options.option_underlying(underlying)
        results = [
            {"expiry": each, "days": (each - today).days, "expired": each < today}
            for each in options.option_expiries(underlying)
        ]
        return answer({"underlying": found.symbol, "exchange": found.exchange, "results": results})


class ChainView(TenantAPIView):
    """An option chain, now or at a past minute."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="option_chain",
        tags=["options"],
        parameters=[UNDERLYING, EXPIRY, AT],
        responses=schema.ChainSerializer,
        examples=[OpenApiExample("one strike", response_only=True, value=examples.CHAIN)],
    )
    def get(self, request: Request, underlying: str) -> HttpResponse:
        """Every strike with its call and put: prices, open interest, volatility and Greeks; with the summary."""
        chain = _chain(request, underlying)
        head = shapes.head_shape(chain, summarise(chain))
        rows = [shapes.row_shape(row) for row in chain.rows]
        return answer({**_fields(head), "rows": rows})


class ChainAnalyticsView(TenantAPIView):
    """What a chain says as a whole."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="option_analytics",
        tags=["options"],
        parameters=[UNDERLYING, EXPIRY, AT],
        responses=schema.ChainAnalyticsSerializer,
        examples=[OpenApiExample("one strike", response_only=True, value=examples.ANALYTICS)],
    )
    def get(self, request: Request, underlying: str) -> HttpResponse:
        """Summary, volatility smile and open interest by strike."""
        chain = _chain(request, underlying)
        head = shapes.head_shape(chain, summarise(chain))
        profile = [
            {
                "strike": row.strike,
                "call_oi": row.call.quote.oi if row.call else 0,
                "put_oi": row.put.quote.oi if row.put else 0,
                "call_oi_change": row.call.oi_change if row.call else None,
                "put_oi_change": row.put.oi_change if row.put else None,
            }
            for row in chain.rows
        ]
        return answer({**_fields(head), "smile": shapes.smile_shape(smile(chain)), "oi_profile": profile})


class ChainSeriesView(TenantAPIView):
    """A chain through a day."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="option_series",
        tags=["options"],
        parameters=[UNDERLYING, EXPIRY, DAY, INTERVAL],
        responses=schema.ChainSeriesSerializer,
        examples=[OpenApiExample("five minutes", response_only=True, value=examples.SERIES)],
    )
    def get(self, request: Request, underlying: str) -> HttpResponse:
        """Straddle, at-the-money volatility, put-call ratio and max pain at the end of each interval."""
        wanted = query_of(request, shapes.ChainDayQuery)
        day, interval = wanted.get("date") or trading_date(), Interval(wanted["interval"])
        points = options.chain_series(underlying, wanted["expiry"], day=day, interval=interval)
        content: dict[str, Any] = {
            "underlying": options.option_underlying(underlying).symbol,
            "expiry": wanted["expiry"],
            "date": day,
            "interval": interval,
            "points": shapes.series_rows(points),
        }
        return answer(content)


class StrikeBarsView(TenantAPIView):
    """One option through a day."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="option_bars",
        tags=["options"],
        parameters=[KEY, DAY, INTERVAL],
        responses=schema.StrikeBarsSerializer,
        examples=[OpenApiExample("five minutes", response_only=True, value=examples.BARS)],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """Bars of the premium with open interest, and the volatility and forward at each bar's end."""
        wanted = query_of(request, shapes.StrikeBarsQuery)
        day, interval = wanted.get("date") or trading_date(), Interval(wanted["interval"])
        bars = options.strike_bars(instrument_get(key), interval, day=day)
        content: dict[str, Any] = {
            "symbol": bars.instrument.key,
            "date": day,
            "interval": interval,
            "bars": shapes.strike_rows(bars, candle_rows(bars.series)),
        }
        return answer(content)


class FuturesView(TenantAPIView):
    """Futures of an underlying."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="futures_curve",
        tags=["options"],
        parameters=[UNDERLYING],
        responses=schema.FuturesSerializer,
        examples=[OpenApiExample("two months", response_only=True, value=examples.FUTURES)],
    )
    def get(self, request: Request, underlying: str) -> HttpResponse:
        """Basis and cost of carry by expiry, and the roll from each to the next."""
        return answer(futures_shapes.futures_shape(options.futures_curve(underlying)))


def _chain(request: Request, underlying: str) -> OptionChain:
    wanted = query_of(request, shapes.ChainQuery)
    if wanted.get("at"):
        return options.chain_at(underlying, wanted["expiry"], wanted["at"])
    return options.chain_now(underlying, wanted["expiry"])


def _fields(head: shapes.HeadShape) -> dict[str, Any]:
    return {name: getattr(head, name) for name in head.__struct_fields__}
