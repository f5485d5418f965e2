"""Baskets kept to place again, over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import read
from trading.orders.api import group_examples as examples
from trading.orders.selectors.groups import basket_get, basket_shape, baskets_for
from trading.orders.serializers import group_input as inputs
from trading.orders.serializers import groups as serializers
from trading.orders.services import (
    KeptRow,
    basket_delete,
    basket_save,
)


class KeptBasketListView(TenantAPIView):
    """Baskets kept to place again."""

    permissions_required: ClassVar = {"GET": Permission.PLACE_ORDERS, "POST": Permission.PLACE_ORDERS}

    @extend_schema(
        tags=["order groups"],
        operation_id="baskets_list",
        responses=serializers.KeptBasketSerializer(many=True),
        examples=[examples.KEPT_BASKET],
    )
    def get(self, request: Request) -> Response:
        """Your own kept baskets by name."""
        return Response([basket_shape(basket) for basket in baskets_for(self.actor)])

    @extend_schema(
        tags=["order groups"],
        operation_id="baskets_create",
        request=inputs.KeptBasketInput,
        responses={201: serializers.KeptBasketSerializer},
        examples=[examples.KEPT_BASKET_REQUEST, examples.KEPT_BASKET],
    )
    def post(self, request: Request) -> Response:
        """Keep a basket. Nothing is placed."""
        data = read(inputs.KeptBasketInput(data=request.data))
        basket = basket_save(actor=self.actor, name=data["name"], rows=_rows(data))
        return Response(basket_shape(basket), status=201)


class KeptBasketDetailView(TenantAPIView):
    """One kept basket."""

    permissions_required: ClassVar = {
        "GET": Permission.PLACE_ORDERS,
        "PUT": Permission.PLACE_ORDERS,
        "DELETE": Permission.PLACE_ORDERS,
    }

    @extend_schema(
        tags=["order groups"],
        operation_id="baskets_retrieve",
        responses=serializers.KeptBasketSerializer,
        examples=[examples.KEPT_BASKET],
    )
    def get(self, request: Request, basket_id: UUID) -> Response:
        """One of your kept baskets."""
        return Response(basket_shape(basket_get(self.actor, basket_id)))

    @extend_schema(
        tags=["order groups"],
        operation_id="baskets_replace",
        request=inputs.KeptBasketInput,
        responses=serializers.KeptBasketSerializer,
        examples=[examples.KEPT_BASKET_REQUEST, examples.KEPT_BASKET],
    )
    def put(self, request: Request, basket_id: UUID) -> Response:
        """Replace its name and rows."""
        basket_get(self.actor, basket_id)
        data = read(inputs.KeptBasketInput(data=request.data))
        basket = basket_save(actor=self.actor, name=data["name"], rows=_rows(data), basket_id=basket_id)
        return Response(basket_shape(basket))

    @extend_schema(tags=["order groups"], operation_id="baskets_delete", responses={204: None})
    def delete(self, request: Request, basket_id: UUID) -> Response:
        """Forget it."""
        basket_delete(actor=self.actor, basket_id=basket_id)
        return Response(status=204)


def _rows(data: dict[str, Any]) -> list[KeptRow]:
    return [
        KeptRow(
            key=row["symbol"],
            side=row["side"],
            quantity=row["quantity"],
            order_type=row["order_type"],
            product=row["product"],
            price=row.get("price"),
            trigger_price=row.get("trigger_price"),
            validity=row["validity"],
        )
        for row in data["rows"]
    ]
