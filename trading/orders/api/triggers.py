"""Triggers over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import read
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.api import trigger_examples as examples
from trading.orders.api.body import client_order_id_of
from trading.orders.api.orders import IDEMPOTENCY
from trading.orders.domain.intent import Origin
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.states import Direction, LegRole, TriggerKind
from trading.orders.models import Trigger
from trading.orders.selectors.triggers import (
    trigger_event_shape,
    trigger_events,
    trigger_get,
    trigger_shape,
    triggers_filtered,
)
from trading.orders.serializers import triggers as serializers
from trading.orders.services.triggers import (
    LegTerms,
    TriggerModification,
    trigger_cancel,
    trigger_create,
    trigger_modify,
    triggers_cancel_all,
)


class TriggerListView(TenantAPIView):
    """Triggers."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS, "POST": Permission.PLACE_ORDERS}
    pagination_class = CursorPage
    throttle_scope = "orders"

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_list",
        parameters=[serializers.TriggerQuery],
        responses=serializers.TriggerSerializer(many=True),
        examples=[examples.TRIGGER],
    )
    def get(self, request: Request) -> Response:
        """Triggers of the accounts you may see, newest first, paged by cursor."""
        query = read(serializers.TriggerQuery(data=request.query_params))
        triggers = triggers_filtered(
            self.actor,
            statuses=query.get("status", ()),
            kinds=query.get("kind", ()),
            key=query.get("symbol", ""),
            account_id=query.get("account"),
            since=query.get("from"),
            until=query.get("to"),
        )
        return self.paged(request, triggers, lambda page: [_shape(trigger) for trigger in page])

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_create",
        parameters=[IDEMPOTENCY],
        request=serializers.TriggerInput,
        responses={201: serializers.TriggerSerializer},
        examples=[*examples.REQUESTS, examples.TRIGGER],
    )
    def post(self, request: Request) -> Response:
        """Have a price watched. A bracket or cover places its entry at once; a refused entry is a CANCELLED
        trigger.
        """
        return Response(_shape(trigger_create(actor=self.actor, intent=_intent(request))), status=201)


class TriggerDetailView(TenantAPIView):
    """One trigger."""

    permissions_required: ClassVar = {
        "GET": Permission.VIEW_ACCOUNTS,
        "PUT": Permission.PLACE_ORDERS,
        "DELETE": Permission.CANCEL_ORDERS,
    }
    throttle_scope = "orders"

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_retrieve",
        responses=serializers.TriggerSerializer,
        examples=[examples.TRIGGER, examples.ALARM],
    )
    def get(self, request: Request, trigger_id: UUID) -> Response:
        """One trigger."""
        return Response(_shape(trigger_get(self.actor, trigger_id)))

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_modify",
        request=serializers.TriggerModifyInput,
        responses=serializers.TriggerSerializer,
        examples=[examples.MODIFICATION, examples.TRIGGER],
    )
    def put(self, request: Request, trigger_id: UUID) -> Response:
        """Change prices, gaps, quantity, last day or note; what is left out stays."""
        data = read(serializers.TriggerModifyInput(data=request.data))
        modification = TriggerModification(
            quantity=data.get("quantity"),
            expires_on=data.get("expires_on"),
            note=data.get("note"),
            legs={LegRole(leg["role"]): _terms(leg) for leg in data.get("legs", ())},
        )
        trigger = trigger_modify(actor=self.actor, trigger_id=trigger_id, modification=modification)
        return Response(_shape(trigger))

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_cancel",
        responses={200: serializers.TriggerSerializer},
        examples=[examples.TRIGGER],
    )
    def delete(self, request: Request, trigger_id: UUID) -> Response:
        """End the trigger and take its orders out of the market; 409 `trigger_final` when it has ended already."""
        return Response(_shape(trigger_cancel(actor=self.actor, trigger_id=trigger_id)))


class TriggerEventsView(TenantAPIView):
    """What happened to a trigger."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_events",
        responses=serializers.TriggerEventSerializer(many=True),
        examples=[examples.EVENT],
    )
    def get(self, request: Request, trigger_id: UUID) -> Response:
        """The trigger's history, oldest first."""
        events = trigger_events(trigger_get(self.actor, trigger_id))
        return Response([trigger_event_shape(event) for event in events])


class TriggerCancelAllView(TenantAPIView):
    """Ending every trigger."""

    permissions_required: ClassVar = {"POST": Permission.CANCEL_ORDERS}

    @extend_schema(
        tags=["triggers"],
        operation_id="triggers_cancel_all",
        request=serializers.TriggerCancelAllInput,
        responses=serializers.TriggersCancelledSerializer,
        examples=[examples.CANCEL_ALL_REQUEST, examples.CANCEL_ALL],
    )
    def post(self, request: Request) -> Response:
        """End every open trigger that you may see, or those of one account or strategy. Positions stay,
        unguarded.
        """
        data = read(serializers.TriggerCancelAllInput(data=request.data))
        ended = triggers_cancel_all(actor=self.actor, account_id=data.get("account"), strategy=data.get("strategy"))
        return Response({"cancelled": [_shape(trigger) for trigger in ended]})


def _shape(trigger: Trigger) -> dict[str, Any]:
    return trigger_shape(trigger, trigger.legs.all())


def _intent(request: Request) -> TriggerIntent:
    data = read(serializers.TriggerInput(data=request.data))
    return TriggerIntent(
        account_id=data["account"],
        key=data["symbol"],
        kind=TriggerKind(data["kind"]),
        side=Side(data["side"]),
        quantity=data["quantity"],
        product=Product(data["product"]),
        legs=tuple(_leg(leg) for leg in data["legs"]),
        client_order_id=client_order_id_of(data.get("client_order_id"), request),
        strategy=data["strategy"],
        expires_on=data.get("expires_on"),
        protects=data["protects"],
        note=data["note"],
        origin=Origin.API,
    )


def _leg(data: dict[str, Any]) -> LegIntent:
    role = LegRole(data["role"])
    usual = OrderType.LIMIT if role is LegRole.TARGET else OrderType.MARKET
    return LegIntent(
        role=role,
        order_type=OrderType(data.get("order_type") or usual),
        trigger_price=data.get("trigger_price"),
        price=data.get("price"),
        trail_points=data.get("trail_points"),
        trail_percent=data.get("trail_percent"),
        direction=Direction(data["direction"]) if data.get("direction") else None,
    )


def _terms(data: dict[str, Any]) -> LegTerms:
    order_type = data.get("order_type")
    return LegTerms(
        trigger_price=data.get("trigger_price"),
        price=data.get("price"),
        order_type=OrderType(order_type) if order_type else None,
        trail_points=data.get("trail_points"),
        trail_percent=data.get("trail_percent"),
    )
