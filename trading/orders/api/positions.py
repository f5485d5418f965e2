"""Ways out of positions, and into other products, over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import read
from trading.brokers.domain.terms import Product
from trading.orders.api import group_examples as examples
from trading.orders.api.body import IDEMPOTENCY_HEADER
from trading.orders.api.groups import sliced_shape
from trading.orders.api.orders import IDEMPOTENCY
from trading.orders.domain.intent import Origin
from trading.orders.selectors.groups import group_get
from trading.orders.selectors.orders import order_shape
from trading.orders.serializers import group_input as inputs
from trading.orders.serializers import groups as serializers
from trading.orders.serializers.orders import PlacedOrderSerializer
from trading.orders.services import (
    CloseReport,
    CloseTerms,
    conversion_submit,
    position_close,
    positions_close_all,
)


class PositionCloseView(TenantAPIView):
    """The way out of a position."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["positions"],
        operation_id="positions_close",
        parameters=[IDEMPOTENCY],
        request=inputs.CloseInput,
        responses={201: PlacedOrderSerializer},
        examples=[examples.CLOSE_REQUEST, examples.SLICED_ORDER],
    )
    def post(self, request: Request, position_id: UUID) -> Response:
        """Close a position or a part of it, at market or at a limit; exits that would close too much go."""
        data = read(inputs.CloseInput(data=request.data))
        order = position_close(
            actor=self.actor,
            position_id=position_id,
            terms=CloseTerms(quantity=data.get("quantity"), price=data.get("price")),
            client_order_id=request.headers.get(IDEMPOTENCY_HEADER, ""),
            origin=Origin.API,
        )
        if order.group_id is None:
            return Response({**order_shape(order), "slices": [order_shape(order)]}, status=201)
        return Response(sliced_shape(group_get(self.actor, order.group_id)), status=201)


class PositionsCloseAllView(TenantAPIView):
    """The way out of everything."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["positions"],
        operation_id="positions_close_all",
        parameters=[IDEMPOTENCY],
        request=inputs.CloseAllInput,
        responses=serializers.CloseAllSerializer,
        examples=[examples.CLOSE_ALL_REQUEST, examples.CLOSE_ALL],
    )
    def post(self, request: Request) -> Response:
        """Close every open position that you may see, or those of an account, strategy or product."""
        data = read(inputs.CloseAllInput(data=request.data))
        reports = positions_close_all(
            actor=self.actor,
            account_id=data.get("account"),
            strategy=data.get("strategy"),
            product=data.get("product", ""),
            client_order_id=request.headers.get(IDEMPOTENCY_HEADER, ""),
            origin=Origin.API,
        )
        return Response({"positions": [_close_shape(report) for report in reports]})


class PositionConvertView(TenantAPIView):
    """A position carried on as another product."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["positions"],
        operation_id="positions_convert",
        parameters=[IDEMPOTENCY],
        request=inputs.ConvertInput,
        responses=serializers.ConversionSerializer,
        examples=[examples.CONVERT_REQUEST, examples.CONVERSION],
    )
    def post(self, request: Request, position_id: UUID) -> Response:
        """Convert a position or a part of it at its average cost; the margin is held anew."""
        data = read(inputs.ConvertInput(data=request.data))
        conversion = conversion_submit(
            actor=self.actor,
            position_id=position_id,
            product=Product(data["product"]),
            quantity=data.get("quantity"),
            client_order_id=request.headers.get(IDEMPOTENCY_HEADER, ""),
        )
        return Response(
            {
                "position": str(conversion.source.id),
                "quantity": conversion.source.quantity,
                "converted_to": str(conversion.target.id),
                "product": conversion.target.product,
                "converted_quantity": conversion.target.quantity,
            }
        )


def _close_shape(report: CloseReport) -> dict[str, Any]:
    return {
        "position": str(report.position.id),
        "symbol": report.position.instrument.key,
        "quantity": report.position.quantity,
        "order": None if report.order is None else order_shape(report.order),
        "status_reason": {"code": report.code, "message": report.message} if report.code else None,
    }
