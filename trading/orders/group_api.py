"""Baskets, multi-leg orders, options by offset, targets, and ways out of positions, over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from trading.brokers.domain.terms import Product
from trading.orders import group_api_examples as examples
from trading.orders import group_serializers as serializers
from trading.orders.api import IDEMPOTENCY, IDEMPOTENCY_HEADER, named_in, read
from trading.orders.domain.intent import Origin
from trading.orders.group_selectors import (
    basket_get,
    basket_shape,
    baskets_for,
    group_get,
    group_orders,
    group_shape,
    groups_filtered,
    target_shape,
)
from trading.orders.models import OrderGroup
from trading.orders.selectors import order_shape
from trading.orders.serializers import PlacedOrderSerializer
from trading.orders.services import (
    CloseReport,
    CloseTerms,
    KeptRow,
    basket_delete,
    basket_save,
    conversion_submit,
    group_cancel,
    group_preview,
    group_preview_shape,
    group_submit,
    position_close,
    positions_close_all,
    target_submit,
)

GroupRequest = serializers.BasketInput | serializers.MultiLegInput | serializers.OptionOrderInput


def sliced_shape(group: OrderGroup) -> dict[str, Any]:
    """The answer to one order that was placed as a group: its first order, and all of its slices."""
    orders = group_orders(group)
    return {**order_shape(orders[0]), "slices": [order_shape(order) for order in orders]}


class GroupView(TenantAPIView):
    """What placing groups has in common."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    def placed(self, request: Request, asked: GroupRequest) -> OrderGroup:
        """Place what the body asks for, and read it as its owner sees it."""
        data = read(asked)
        intent = asked.intent(named_in(data.get("client_order_id"), request))
        return group_get(self.actor, group_submit(actor=self.actor, intent=intent).id)

    def previewed(self, asked: serializers.BasketInput | serializers.MultiLegInput) -> Response:
        """Judge what the body asks for."""
        read(asked)
        preview = group_preview(actor=self.actor, intent=asked.intent("preview"))
        return Response(group_preview_shape(preview))


class BasketOrderView(GroupView):
    """Baskets."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_basket",
        parameters=[IDEMPOTENCY],
        request=serializers.BasketInput,
        responses={201: serializers.GroupSerializer},
        examples=[examples.BASKET_REQUEST, examples.GROUP],
    )
    def post(self, request: Request) -> Response:
        """Place up to 50 orders, buys first, with a report of each: all of them or none if so asked."""
        return Response(group_shape(self.placed(request, serializers.BasketInput(data=request.data))), status=201)


class BasketPreviewView(GroupView):
    """A basket tried out."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_basket_preview",
        request=serializers.BasketInput,
        responses=serializers.GroupPreviewSerializer,
        examples=[examples.BASKET_REQUEST, examples.GROUP_PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """The joint margin and charges of a basket and every gate's verdict on each leg. Writes nothing."""
        return self.previewed(serializers.BasketInput(data=request.data))


class MultiLegOrderView(GroupView):
    """Multi-leg orders."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_multi_leg",
        parameters=[IDEMPOTENCY],
        request=serializers.MultiLegInput,
        responses={201: serializers.GroupSerializer},
        examples=[examples.MULTI_LEG_REQUEST, examples.GROUP],
    )
    def post(self, request: Request) -> Response:
        """Place legs on one underlying, by symbol, by strike or by offset, with a report of each."""
        return Response(group_shape(self.placed(request, serializers.MultiLegInput(data=request.data))), status=201)


class MultiLegPreviewView(GroupView):
    """A multi-leg order tried out."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_multi_leg_preview",
        request=serializers.MultiLegInput,
        responses=serializers.GroupPreviewSerializer,
        examples=[examples.MULTI_LEG_REQUEST, examples.GROUP_PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """The contracts that the legs mean, their joint margin and charges, and the verdicts. Writes nothing."""
        return self.previewed(serializers.MultiLegInput(data=request.data))


class OptionOrderView(GroupView):
    """One option by its offset."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_options",
        parameters=[IDEMPOTENCY],
        request=serializers.OptionOrderInput,
        responses={201: PlacedOrderSerializer},
        examples=[examples.OPTION_REQUEST, examples.SLICED_ORDER],
    )
    def post(self, request: Request) -> Response:
        """Place an order in the option at a strike or offset; the answer names the contract that was found."""
        return Response(
            sliced_shape(self.placed(request, serializers.OptionOrderInput(data=request.data))), status=201
        )


class TargetOrderView(TenantAPIView):
    """Target-position orders."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_target",
        parameters=[IDEMPOTENCY],
        request=serializers.TargetInput,
        responses={201: serializers.TargetSerializer},
        examples=[examples.TARGET_REQUEST, examples.TARGET],
    )
    def post(self, request: Request) -> Response:
        """Send what takes a position to the quantity that is wanted; nothing when it is there or on its way."""
        asked = serializers.TargetInput(data=request.data)
        data = read(asked)
        intent = asked.intent(named_in(data.get("client_order_id"), request))
        group = target_submit(actor=self.actor, intent=intent)
        return Response(target_shape(group_get(self.actor, group.id)), status=201)


class GroupListView(TenantAPIView):
    """Groups of orders."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = CursorPage

    @extend_schema(
        tags=["order groups"],
        operation_id="order_groups_list",
        parameters=[serializers.GroupQuery],
        responses=serializers.GroupSerializer(many=True),
        examples=[examples.GROUP],
    )
    def get(self, request: Request) -> Response:
        """Groups of the accounts you may see, newest first, paged by cursor."""
        query = read(serializers.GroupQuery(data=request.query_params))
        groups = groups_filtered(
            self.actor, account_id=query.get("account"), kind=query.get("kind", ""), only_live=query["live"]
        )
        return self.paged(request, groups, lambda page: [group_shape(group) for group in page])


class GroupDetailView(TenantAPIView):
    """One group of orders."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS, "DELETE": Permission.CANCEL_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["order groups"],
        operation_id="order_groups_retrieve",
        responses=serializers.GroupSerializer,
        examples=[examples.GROUP],
    )
    def get(self, request: Request, group_id: UUID) -> Response:
        """One group with the report of each leg."""
        return Response(group_shape(group_get(self.actor, group_id)))

    @extend_schema(
        tags=["order groups"],
        operation_id="order_groups_cancel",
        responses={200: serializers.GroupSerializer},
        examples=[examples.GROUP],
    )
    def delete(self, request: Request, group_id: UUID) -> Response:
        """Cancel whatever of the group has not traded."""
        return Response(group_shape(group_cancel(actor=self.actor, group_id=group_id)))


class PositionCloseView(TenantAPIView):
    """The way out of a position."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["positions"],
        operation_id="positions_close",
        parameters=[IDEMPOTENCY],
        request=serializers.CloseInput,
        responses={201: PlacedOrderSerializer},
        examples=[examples.CLOSE_REQUEST, examples.SLICED_ORDER],
    )
    def post(self, request: Request, position_id: UUID) -> Response:
        """Close a position or a part of it, at market or at a limit; exits that would close too much go."""
        data = read(serializers.CloseInput(data=request.data))
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
        request=serializers.CloseAllInput,
        responses=serializers.CloseAllSerializer,
        examples=[examples.CLOSE_ALL_REQUEST, examples.CLOSE_ALL],
    )
    def post(self, request: Request) -> Response:
        """Close every open position that you may see, or those of an account, strategy or product."""
        data = read(serializers.CloseAllInput(data=request.data))
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
        request=serializers.ConvertInput,
        responses=serializers.ConversionSerializer,
        examples=[examples.CONVERT_REQUEST, examples.CONVERSION],
    )
    def post(self, request: Request, position_id: UUID) -> Response:
        """Convert a position or a part of it at its average cost; the margin is held anew."""
        data = read(serializers.ConvertInput(data=request.data))
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
        request=serializers.KeptBasketInput,
        responses={201: serializers.KeptBasketSerializer},
        examples=[examples.KEPT_BASKET_REQUEST, examples.KEPT_BASKET],
    )
    def post(self, request: Request) -> Response:
        """Keep a basket. Nothing is placed."""
        data = read(serializers.KeptBasketInput(data=request.data))
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
        request=serializers.KeptBasketInput,
        responses=serializers.KeptBasketSerializer,
        examples=[examples.KEPT_BASKET_REQUEST, examples.KEPT_BASKET],
    )
    def put(self, request: Request, basket_id: UUID) -> Response:
        """Replace its name and rows."""
        basket_get(self.actor, basket_id)
        data = read(serializers.KeptBasketInput(data=request.data))
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
        )
        for row in data["rows"]
    ]


def _close_shape(report: CloseReport) -> dict[str, Any]:
    return {
        "position": str(report.position.id),
        "symbol": report.position.instrument.key,
        "quantity": report.position.quantity,
        "order": None if report.order is None else order_shape(report.order),
        "status_reason": {"code": report.code, "message": report.message} if report.code else None,
    }
