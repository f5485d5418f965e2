"""Baskets, multi-leg orders, options by offset, targets, and ways out of positions, over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import read
from trading.orders.api import group_examples as examples
from trading.orders.api.body import client_order_id_of
from trading.orders.api.orders import IDEMPOTENCY
from trading.orders.models import OrderGroup
from trading.orders.selectors.groups import group_get, group_orders, group_shape, groups_filtered, target_shape
from trading.orders.selectors.orders import order_shape
from trading.orders.serializers import group_input as inputs
from trading.orders.serializers import groups as serializers
from trading.orders.serializers.orders import PlacedOrderSerializer
from trading.orders.services import (
    group_cancel,
    group_preview,
    group_preview_shape,
    group_submit,
    target_submit,
)

GroupRequest = inputs.BasketInput | inputs.MultiLegInput | inputs.OptionOrderInput


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
        intent = asked.intent(client_order_id_of(data.get("client_order_id"), request))
        return group_get(self.actor, group_submit(actor=self.actor, intent=intent).id)

    def previewed(self, asked: inputs.BasketInput | inputs.MultiLegInput) -> Response:
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
        request=inputs.BasketInput,
        responses={201: serializers.GroupSerializer},
        examples=[examples.BASKET_REQUEST, examples.GROUP],
    )
    def post(self, request: Request) -> Response:
        """Place up to 50 orders, buys first, with a report of each: all of them or none if so asked."""
        return Response(group_shape(self.placed(request, inputs.BasketInput(data=request.data))), status=201)


class BasketPreviewView(GroupView):
    """A basket tried out."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_basket_preview",
        request=inputs.BasketInput,
        responses=serializers.GroupPreviewSerializer,
        examples=[examples.BASKET_REQUEST, examples.GROUP_PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """The joint margin and charges of a basket and every gate's verdict on each leg. Writes nothing."""
        return self.previewed(inputs.BasketInput(data=request.data))


class MultiLegOrderView(GroupView):
    """Multi-leg orders."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_multi_leg",
        parameters=[IDEMPOTENCY],
        request=inputs.MultiLegInput,
        responses={201: serializers.GroupSerializer},
        examples=[examples.MULTI_LEG_REQUEST, examples.GROUP],
    )
    def post(self, request: Request) -> Response:
        """Place legs on one underlying, by symbol, by strike or by offset, with a report of each."""
        return Response(group_shape(self.placed(request, inputs.MultiLegInput(data=request.data))), status=201)


class MultiLegPreviewView(GroupView):
    """A multi-leg order tried out."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_multi_leg_preview",
        request=inputs.MultiLegInput,
        responses=serializers.GroupPreviewSerializer,
        examples=[examples.MULTI_LEG_REQUEST, examples.GROUP_PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """The contracts that the legs mean, their joint margin and charges, and the verdicts. Writes nothing."""
        return self.previewed(inputs.MultiLegInput(data=request.data))


class OptionOrderView(GroupView):
    """One option by its offset."""

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_options",
        parameters=[IDEMPOTENCY],
        request=inputs.OptionOrderInput,
        responses={201: PlacedOrderSerializer},
        examples=[examples.OPTION_REQUEST, examples.SLICED_ORDER],
    )
    def post(self, request: Request) -> Response:
        """Place an order in the option at a strike or offset; the answer names the contract that was found."""
        return Response(sliced_shape(self.placed(request, inputs.OptionOrderInput(data=request.data))), status=201)


class TargetOrderView(TenantAPIView):
    """Target-position orders."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}
    throttle_scope = "orders"

    @extend_schema(
        tags=["order groups"],
        operation_id="orders_target",
        parameters=[IDEMPOTENCY],
        request=inputs.TargetInput,
        responses={201: serializers.TargetSerializer},
        examples=[examples.TARGET_REQUEST, examples.TARGET],
    )
    def post(self, request: Request) -> Response:
        """Send what takes a position to the quantity that is wanted; nothing when it is there or on its way."""
        asked = inputs.TargetInput(data=request.data)
        data = read(asked)
        intent = asked.intent(client_order_id_of(data.get("client_order_id"), request))
        group = target_submit(actor=self.actor, intent=intent)
        return Response(target_shape(group_get(self.actor, group.id)), status=201)


class GroupListView(TenantAPIView):
    """Groups of orders."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = CursorPage

    @extend_schema(
        tags=["order groups"],
        operation_id="order_groups_list",
        parameters=[inputs.GroupQuery],
        responses=serializers.GroupSerializer(many=True),
        examples=[examples.GROUP],
    )
    def get(self, request: Request) -> Response:
        """Groups of the accounts you may see, newest first, paged by cursor."""
        query = read(inputs.GroupQuery(data=request.query_params))
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
