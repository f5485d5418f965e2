"""The catalogue of strategies over REST."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of
from trading.strategies.domain.strategy import Kind
from trading.strategies.selectors.catalogue import strategies_of, strategy_listed
from trading.strategies.serializers.catalogue import (
    StrategiesSerializer,
    StrategyQuery,
    StrategySerializer,
    strategy_shape,
)

_EXAMPLE = {
    "key": "ma_cross",
    "name": "Moving-average cross",
    "description": "Prices that have moved for a while tend to go on. …",
    "rules": "After each bar: long while the fast average is above the slow one, …",
    "fails_when": "Markets that go sideways: …",
    "kind": "TREND",
    "parameters": {
        "type": "object",
        "properties": {
            "sides": {"type": "string", "title": "Sides", "default": "both", "enum": ["both", "long", "short"]},
            "fast": {
                "type": "integer",
                "title": "Fast",
                "default": 20,
                "minimum": 2,
                "maximum": 200,
                "x-step": 1,
            },
        },
        "additionalProperties": False,
    },
    "intervals": ["5m", "15m", "1h", "1d"],
    "instruments": {"minimum": 1, "maximum": 1},
    "origin": "HOUSE",
    "source": "trading.strategies.catalogue.ma_cross",
}


class StrategiesView(TenantAPIView):
    """What the organisation can run."""

    permissions_required = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="strategies_list",
        tags=["strategies"],
        parameters=[StrategyQuery],
        responses=StrategiesSerializer,
        examples=[
            OpenApiExample(
                "one strategy", response_only=True, value={"next": None, "previous": None, "results": [_EXAMPLE]}
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The house's strategies, installed packages', the desk's files and the organisation's own; by kind and
        title. `search` takes words that all occur in key, name or idea."""
        query = query_of(request, StrategyQuery)
        kind = Kind(query["kind"].lower()) if "kind" in query else None
        found = strategies_of(self.actor, kind=kind, text=query["search"])
        return Response({"next": None, "previous": None, "results": [strategy_shape(each) for each in found]})


class StrategyView(TenantAPIView):
    """One strategy."""

    permissions_required = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="strategies_retrieve",
        tags=["strategies"],
        parameters=[
            OpenApiParameter(
                "strategy_key",
                str,
                OpenApiParameter.PATH,
                description="As in the catalogue; `own.<key>` is the organisation's own, `own.<key>@2` a version",
            )
        ],
        responses=StrategySerializer,
        examples=[OpenApiExample("a strategy", response_only=True, value=_EXAMPLE)],
    )
    def get(self, request: Request, strategy_key: str) -> Response:
        """Its documentation and settings. Code: `unknown_strategy`."""
        return Response(strategy_shape(strategy_listed(self.actor, strategy_key)))
