"""The strategy builder over REST: what legs come to, ready-made shapes, and strategies kept under a name."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import body_of, query_of
from core.errors import InvalidInput
from trading.brokers.domain.terms import Product
from trading.instruments.selectors import instrument_get
from trading.orders.api import strategy_examples as examples
from trading.orders.domain.intent import Origin
from trading.orders.domain.shapes import SHAPES
from trading.orders.domain.strategy_leg import StrategyLeg, legs_text
from trading.orders.selectors.option_listing import option_expiry
from trading.orders.selectors.orders import price_text
from trading.orders.selectors.strategies.analysis import strategy_analysis
from trading.orders.selectors.strategies.kept import (
    option_strategies_for,
    option_strategy_get,
    option_strategy_shape,
)
from trading.orders.selectors.strategies.legs import held_legs, legs_named, underlying_of
from trading.orders.selectors.strategies.shape import analysis_shape
from trading.orders.selectors.strategies.shapes import shape_legs
from trading.orders.serializers import option_strategies as serializers
from trading.orders.services import group_preview, group_preview_shape
from trading.orders.services.strategies.kept import option_strategy_delete, option_strategy_save
from trading.orders.services.strategies.order import strategy_order
from trading.portfolio.selectors import account_get


class PayoffView(TenantAPIView):
    """What a strategy comes to."""

    permissions_required: ClassVar = {"POST": Permission.VIEW_MARKET}

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_payoff",
        request=serializers.PayoffInput,
        responses=serializers.PayoffSerializer,
        examples=[examples.PAYOFF_REQUEST, examples.PAYOFF],
    )
    def post(self, request: Request) -> Response:
        """Payoff, break-evens, odds and Greeks of legs on one underlying; with an account margin and charges too.

        Writes nothing. An account needs the permission to place orders, its positions that to see accounts.
        """
        data = body_of(request, serializers.PayoffInput)
        legs = self._legs(data)
        answer = analysis_shape(strategy_analysis(legs, serializers.what_if_of(data)))
        return Response({**answer, "order": self._order(data, legs)})

    def _legs(self, data: dict[str, Any]) -> list[StrategyLeg]:
        legs = serializers.legs_of(data)
        if not data["include_positions"]:
            return legs
        if data.get("account") is None:
            message = "Positions are an account's: name it."
            raise InvalidInput(message, code="no_account", errors={"account": [message]})
        self.actor.require(Permission.VIEW_ACCOUNTS)
        account = account_get(self.actor, data["account"])
        if not legs:
            raise InvalidInput("A strategy needs a leg.", code="no_legs", errors={"legs": ["is empty"]})
        underlying = underlying_of(instrument_get(legs[0].key))
        return legs + held_legs(self.actor, account_id=account.id, underlying=underlying)

    def _order(self, data: dict[str, Any], legs: list[StrategyLeg]) -> dict[str, Any] | None:
        if data.get("account") is None or all(leg.is_held for leg in legs):
            return None
        intent = strategy_order(
            account_id=data["account"],
            legs=legs_named(legs),
            product=Product(data["product"]),
            client_order_id="preview",
            origin=Origin.API,
        )
        return group_preview_shape(group_preview(actor=self.actor, intent=intent))


class ShapeListView(TenantAPIView):
    """Ready-made strategies."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_shapes_list",
        responses=serializers.ShapeSerializer(many=True),
        examples=[examples.SHAPES],
    )
    def get(self, request: Request) -> Response:
        """The shapes by their usual names, and what each is for."""
        shapes = SHAPES.values()
        return Response([{"key": each.key, "name": each.name, "view": str(each.view)} for each in shapes])


class ShapeDetailView(TenantAPIView):
    """One ready-made strategy on a chain."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_shapes_retrieve",
        parameters=[serializers.ShapeQuery],
        responses=serializers.ShapeLegsSerializer,
        examples=[examples.SHAPE_LEGS],
    )
    def get(self, request: Request, shape: str) -> Response:
        """The contracts that the shape means now, counted from the strike at the money."""
        asked = query_of(request, serializers.ShapeQuery)
        underlying = asked["underlying"].strip().upper()
        expiry = option_expiry(asked["exchange"], underlying, asked["expiry"])
        legs = shape_legs(
            shape, underlying=underlying, exchange=asked["exchange"], expiry=expiry, lots=asked["lots"]
        )
        return Response(
            {
                "shape": shape,
                "legs": [
                    {
                        "symbol": leg.key,
                        "side": str(leg.side),
                        "lots": leg.lots,
                        "price": price_text(leg.price),
                        "held": leg.is_held,
                    }
                    for leg in legs
                ],
                "link": legs_text(legs),
            }
        )


class KeptStrategyListView(TenantAPIView):
    """Strategies kept under a name."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_MARKET, "POST": Permission.VIEW_MARKET}

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_strategies_list",
        responses=serializers.KeptStrategySerializer(many=True),
        examples=[examples.KEPT],
    )
    def get(self, request: Request) -> Response:
        """Your own kept strategies by name."""
        return Response([option_strategy_shape(each) for each in option_strategies_for(self.actor)])

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_strategies_create",
        request=serializers.KeptStrategyInput,
        responses={201: serializers.KeptStrategySerializer},
        examples=[examples.KEPT_REQUEST, examples.KEPT],
    )
    def post(self, request: Request) -> Response:
        """Keep a strategy. Nothing is sent."""
        data = body_of(request, serializers.KeptStrategyInput)
        kept = option_strategy_save(actor=self.actor, name=data["name"], legs=serializers.legs_of(data))
        return Response(option_strategy_shape(kept), status=201)


class KeptStrategyDetailView(TenantAPIView):
    """One kept strategy."""

    permissions_required: ClassVar = {
        "GET": Permission.VIEW_MARKET,
        "PUT": Permission.VIEW_MARKET,
        "DELETE": Permission.VIEW_MARKET,
    }

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_strategies_retrieve",
        responses=serializers.KeptStrategySerializer,
        examples=[examples.KEPT],
    )
    def get(self, request: Request, strategy_id: UUID) -> Response:
        """One of your kept strategies."""
        return Response(option_strategy_shape(option_strategy_get(self.actor, strategy_id)))

    @extend_schema(
        tags=["option strategies"],
        operation_id="options_strategies_replace",
        request=serializers.KeptStrategyInput,
        responses=serializers.KeptStrategySerializer,
        examples=[examples.KEPT_REQUEST, examples.KEPT],
    )
    def put(self, request: Request, strategy_id: UUID) -> Response:
        """Replace its name and legs."""
        option_strategy_get(self.actor, strategy_id)
        data = body_of(request, serializers.KeptStrategyInput)
        kept = option_strategy_save(
            actor=self.actor, name=data["name"], legs=serializers.legs_of(data), strategy_id=strategy_id
        )
        return Response(option_strategy_shape(kept))

    @extend_schema(tags=["option strategies"], operation_id="options_strategies_delete", responses={204: None})
    def delete(self, request: Request, strategy_id: UUID) -> Response:
        """Forget it."""
        option_strategy_delete(actor=self.actor, strategy_id=strategy_id)
        return Response(status=204)
