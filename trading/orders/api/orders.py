"""Orders and trades over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage, FromTheStart
from core.api.reading import read
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.selectors import instrument_get
from trading.orders.api import order_examples as examples
from trading.orders.api.body import IDEMPOTENCY_HEADER, client_order_id_of
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.selectors.groups import group_get, group_orders
from trading.orders.selectors.orders import (
    event_shape,
    order_events,
    order_get,
    order_shape,
    orders_filtered,
    orders_first,
    shaped,
    trade_shape,
    trades_filtered,
)
from trading.orders.serializers import orders as serializers
from trading.orders.services import (
    OrderModification,
    modification_preview,
    order_cancel,
    order_modify,
    order_preview,
    order_submit,
    order_submit_sliced,
    orders_cancel_each,
    preview_shape,
)

IDEMPOTENCY = OpenApiParameter(
    IDEMPOTENCY_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Names the order within its account: the same key again returns the first order.",
)


class OrderListView(TenantAPIView):
    """Orders."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS, "POST": Permission.PLACE_ORDERS}
    pagination_class = CursorPage
    throttle_scope = "orders"

    @extend_schema(
        tags=["orders"],
        operation_id="orders_list",
        parameters=[serializers.OrderQuery],
        responses=serializers.OrderSerializer(many=True),
        examples=[examples.ORDER],
    )
    def get(self, request: Request) -> Response:
        """Orders of the accounts you may see, newest first, paged by cursor."""
        if FromTheStart.is_asked_for(request):
            first = FromTheStart(lambda most: orders_first(self.actor, most))
            return self.paged(request, first, lambda page: [order_shape(row) for row in page])
        query = read(serializers.OrderQuery(data=request.query_params))
        orders = orders_filtered(
            self.actor,
            statuses=query.get("status", ()),
            key=query.get("symbol", ""),
            account_id=query.get("account"),
            since=query.get("from"),
            until=query.get("to"),
        )
        return self.paged(request, shaped(orders), lambda page: [order_shape(order) for order in page])

    @extend_schema(
        tags=["orders"],
        operation_id="orders_create",
        parameters=[IDEMPOTENCY],
        request=serializers.OrderInput,
        responses={201: serializers.PlacedOrderSerializer},
        examples=[*examples.ORDER_REQUESTS, examples.ORDER, examples.REFUSED_ORDER],
    )
    def post(self, request: Request) -> Response:
        """Place an order. A refusal by a gate is an order too, with status REJECTED and its reason.

        With `autoslice` an order above the exchange's freeze quantity becomes several in one group, all or none;
        the answer is the first of them, with all in `slices`.
        """
        data = read(serializers.OrderInput(data=request.data))
        intent = intent_of(data, request)
        if data["autoslice"]:
            group = order_submit_sliced(actor=self.actor, intent=intent)
            orders = group_orders(group_get(self.actor, group.id))
            slices = [order_shape(order) for order in orders]
            return Response({**slices[0], "slices": slices}, status=201)
        return Response(order_shape(order_submit(actor=self.actor, intent=intent)), status=201)


class OrderDetailView(TenantAPIView):
    """One order."""

    permissions_required: ClassVar = {
        "GET": Permission.VIEW_ACCOUNTS,
        "PUT": Permission.PLACE_ORDERS,
        "DELETE": Permission.CANCEL_ORDERS,
    }
    throttle_scope = "orders"

    @extend_schema(
        tags=["orders"],
        operation_id="orders_retrieve",
        responses=serializers.OrderSerializer,
        examples=[examples.ORDER],
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """One order."""
        return Response(order_shape(order_get(self.actor, order_id)))

    @extend_schema(
        tags=["orders"],
        operation_id="orders_modify",
        request=serializers.OrderModifyInput,
        responses=serializers.OrderSerializer,
        examples=[*examples.MODIFICATIONS, examples.ORDER],
    )
    def put(self, request: Request, order_id: UUID) -> Response:
        """Change price, trigger, quantity, disclosed quantity or type of a live order, as far as its state allows.

        What is left out stays. `quantity` is the whole order's, filled part included.
        """
        order = order_modify(actor=self.actor, order_id=order_id, modification=_modification(request))
        return Response(order_shape(order))

    @extend_schema(
        tags=["orders"],
        operation_id="orders_cancel",
        responses={200: serializers.OrderSerializer},
        examples=[examples.ORDER],
    )
    def delete(self, request: Request, order_id: UUID) -> Response:
        """Cancel what has not traded; for an order that has ended 409, with how it ended as the code."""
        return Response(order_shape(order_cancel(actor=self.actor, order_id=order_id)))


class OrderEventsView(TenantAPIView):
    """What happened to an order."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        tags=["orders"],
        operation_id="orders_events",
        responses=serializers.OrderEventSerializer(many=True),
        examples=[examples.EVENT],
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """The order's timeline, oldest first."""
        events = order_events(order_get(self.actor, order_id))
        return Response([event_shape(event) for event in events])


class OrderPreviewView(TenantAPIView):
    """An order tried out."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}

    @extend_schema(
        tags=["orders"],
        operation_id="orders_preview",
        request=serializers.OrderInput,
        responses=serializers.OrderPreviewSerializer,
        examples=[*examples.ORDER_REQUESTS, examples.PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Margin, charges, every gate's verdict and the market impact of an order. Writes nothing."""
        data = read(serializers.OrderInput(data=request.data))
        preview = order_preview(actor=self.actor, intent=intent_of(data, request), is_sliced=data["autoslice"])
        return Response(preview_shape(preview))


class OrderModifyPreviewView(TenantAPIView):
    """A modification tried out."""

    permissions_required: ClassVar = {"POST": Permission.PLACE_ORDERS}

    @extend_schema(
        tags=["orders"],
        operation_id="orders_modify_preview",
        request=serializers.OrderModifyInput,
        responses=serializers.OrderPreviewSerializer,
        examples=[*examples.MODIFICATIONS, examples.PREVIEW],
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        """Margin, charges, verdict and impact of a live order with other terms. Writes nothing."""
        preview = modification_preview(actor=self.actor, order_id=order_id, modification=_modification(request))
        return Response(preview_shape(preview))


class OrderCancelAllView(TenantAPIView):
    """Taking everything out of the market."""

    permissions_required: ClassVar = {"POST": Permission.CANCEL_ORDERS}

    @extend_schema(
        tags=["orders"],
        operation_id="orders_cancel_all",
        request=serializers.CancelAllInput,
        responses=serializers.CancelAllSerializer,
        examples=[examples.CANCEL_ALL_REQUEST, examples.CANCEL_ALL],
    )
    def post(self, request: Request) -> Response:
        """Cancel every live order that you may see, or those of an account, strategy or symbol, each reported."""
        data = read(serializers.CancelAllInput(data=request.data))
        reports = orders_cancel_each(
            actor=self.actor,
            account_id=data.get("account"),
            strategy=data.get("strategy"),
            key=instrument_get(data["symbol"]).key if data.get("symbol") else "",
        )
        return Response(
            {
                "cancelled": [order_shape(report.order) for report in reports if report.is_cancelled],
                "refused": [
                    {"order": str(report.order.id), "code": report.code, "message": report.message}
                    for report in reports
                    if not report.is_cancelled
                ],
            }
        )


class TradeListView(TenantAPIView):
    """Fills."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = CursorPage

    @extend_schema(
        tags=["orders"],
        operation_id="trades_list",
        parameters=[serializers.TradeQuery],
        responses=serializers.TradeSerializer(many=True),
        examples=[examples.TRADE],
    )
    def get(self, request: Request) -> Response:
        """Trades of the accounts you may see, newest first, paged by cursor."""
        query = read(serializers.TradeQuery(data=request.query_params))
        trades = trades_filtered(
            self.actor,
            key=query.get("symbol", ""),
            account_id=query.get("account"),
            order_id=query.get("order"),
            since=query.get("from"),
            until=query.get("to"),
        )
        return self.paged(request, trades, lambda page: [trade_shape(trade) for trade in page])


def _modification(request: Request) -> OrderModification:
    data = read(serializers.OrderModifyInput(data=request.data))
    kind = data.get("order_type")
    return OrderModification(
        quantity=data.get("quantity"),
        price=data.get("price"),
        trigger_price=data.get("trigger_price"),
        disclosed_quantity=data.get("disclosed_quantity"),
        order_type=OrderType(kind) if kind else None,
    )


def order_intent(request: Request) -> OrderIntent:
    """The order that a request's body asks for; raises DRF's ValidationError for a body of another shape."""
    return intent_of(read(serializers.OrderInput(data=request.data)), request)


def intent_of(data: dict[str, Any], request: Request) -> OrderIntent:
    """The order that a checked `OrderInput` asks for, named by the body or the request's header."""
    return OrderIntent(
        account_id=data["account"],
        key=data["symbol"],
        side=Side(data["side"]),
        quantity=data["quantity"],
        order_type=OrderType(data["order_type"]),
        product=Product(data["product"]),
        validity=Validity(data["validity"]),
        price=data.get("price"),
        trigger_price=data.get("trigger_price"),
        disclosed_quantity=data["disclosed_quantity"],
        client_order_id=client_order_id_of(data.get("client_order_id"), request),
        origin=Origin.API,
        strategy=data["strategy"],
        tag=data["tag"],
        after_market=data["after_market"],
    )
