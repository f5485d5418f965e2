"""Indicators over REST: the catalogue, and one of them over an instrument's candles."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import read
from trading.instruments.selectors import instrument_get

from .. import selectors
from ..domain.bars import Interval
from ..domain.indicators import registry
from ..serializers import (
    DEFAULT_CANDLES,
    IndicatorQuery,
    IndicatorShape,
    IndicatorsSerializer,
    IndicatorValuesSerializer,
    indicator_answer,
)
from .answer import answer

_RSI = {
    "name": "rsi",
    "title": "Relative Strength Index",
    "group": "momentum",
    "pane": "pane",
    "inputs": ["source"],
    "parameters": [
        {"name": "period", "title": "Period", "type": "integer", "default": 14, "min": 2, "max": 500, "step": 1},
        {"name": "source", "title": "Source", "type": "choice", "default": "close", "choices": ["close", "hlc3"]},
    ],
    "outputs": [{"name": "rsi", "style": "line", "shift": 0}],
    "levels": [30, 70],
    "doc": "100 × average gain / (average gain + average loss), both averages Wilder's over `period` changes.",
    "origin": "J. W. Wilder, New Concepts in Technical Trading Systems, 1978.",
}
_RSI_VALUES = {
    "symbol": "NSE:RELIANCE",
    "interval": "5m",
    "indicator": "rsi",
    "params": {"period": 14, "source": "close"},
    "shifts": {"rsi": 0},
    "outputs": {
        "rsi": [["2026-11-20T09:15:00+05:30", 48.2153], ["2026-11-20T09:20:00+05:30", 51.0871]],
    },
}


class IndicatorsView(TenantAPIView):
    """The catalogue of indicators."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="indicators_list",
        tags=["market data"],
        responses=IndicatorsSerializer,
        examples=[
            OpenApiExample(
                "one indicator",
                response_only=True,
                value={"next": None, "previous": None, "results": [_RSI]},
            )
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Every indicator with its parameters, their bounds, and its outputs with a hint how to draw them."""
        shapes = [IndicatorShape.of(each) for each in registry.all()]
        return answer({"next": None, "previous": None, "results": shapes})


class IndicatorView(TenantAPIView):
    """One indicator over an instrument's candles."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="indicator_retrieve",
        tags=["market data"],
        parameters=[
            OpenApiParameter("name", str, OpenApiParameter.PATH, description="As in the catalogue: rsi, macd, …"),
            OpenApiParameter("symbol", str, required=True, description="Instrument key, as NSE:RELIANCE"),
            OpenApiParameter("interval", str, enum=[each.value for each in Interval], default="1m"),
            OpenApiParameter("from", str, description="First bar starts at or after this moment (RFC 3339)"),
            OpenApiParameter("to", str, description="Bars start before this moment (default: now)"),
            OpenApiParameter("limit", int, default=DEFAULT_CANDLES, description="The latest so many of the span"),
            OpenApiParameter(
                "params",
                {"type": "object", "additionalProperties": {"type": "string"}},
                style="form",
                explode=True,
                description="The indicator's own parameters by name, as period=21&source=hlc3",
            ),
        ],
        responses=IndicatorValuesSerializer,
        examples=[OpenApiExample("RSI of five minutes", response_only=True, value=_RSI_VALUES)],
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """Values in ascending order, the forming bar's last; settled from the first on, where history allows.

        Codes: `unknown_indicator`, `unknown_symbol`, `parameter_unknown`, `parameter_invalid`,
        `parameter_out_of_bounds`, `parameters_conflict`.
        """
        indicator = registry.get(name)
        given = request.query_params.dict()
        query = IndicatorQuery(data=given)
        wanted = read(query)
        parameters = indicator.read(query.settings(given))
        instrument = instrument_get(wanted["symbol"])
        interval = Interval(wanted["interval"])
        series = selectors.indicator_series(
            indicator,
            parameters,
            instrument,
            interval,
            start=wanted.get("from"),
            end=wanted.get("to"),
            limit=wanted["limit"],
            adjust_for=wanted["adjusted"],
        )
        return answer(indicator_answer(indicator, parameters, instrument.key, interval, series))
