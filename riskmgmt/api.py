"""The risk API: limits, their use, decisions, and what the gates would say of an order."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.errors import InvalidInput
from trading.orders.api import order_intent
from trading.orders.serializers import OrderInput, RiskVerdictSerializer
from trading.orders.services import order_preview, preview_shape
from trading.portfolio.api import account_parameter
from trading.portfolio.selectors import account_get

from .selectors import decision_shape, decisions_for, limits_and_use
from .serializers import LimitsInput, LimitsSerializer, RiskDecisionSerializer
from .services import limits_set

_ACCOUNT = OpenApiParameter("account", OpenApiTypes.UUID, description="Leave out for the organisation's defaults.")
_LIMITS_EXAMPLE = OpenApiExample(
    "limits",
    value={
        "account": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
        "limits": {
            "max_order_value": {"limit": "1000000.00", "set_by": "house", "own": None, "used": None},
            "max_daily_loss": {"limit": "25000.00", "set_by": "account", "own": "25000.00", "used": "1812.40"},
        },
    },
    response_only=True,
)

_DECISION = {
    "gate": "order_value",
    "allowed": False,
    "code": "order_value_limit",
    "message": "An order may be worth ₹10,00,000.00 at most; this one is worth ₹12,95,400.00.",
    "limit": "1000000",
    "used": "1295400",
}
_VERDICT = {"allowed": False, "decisions": [_DECISION]}
_STORED_DECISION = {
    "id": 4711,
    "order": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
    **_DECISION,
    "at": "2026-11-20T10:34:03.120000+05:30",
}


class LimitsView(TenantAPIView):
    """Limits in force, who set each, and how much is used."""

    permissions_required = {"GET": Permission.VIEW_RISK, "PUT": Permission.CHANGE_LIMITS}

    @extend_schema(
        operation_id="risk_limits",
        parameters=[_ACCOUNT],
        responses=LimitsSerializer,
        examples=[_LIMITS_EXAMPLE],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """The limits of an account, or of the organisation when `account` is left out."""
        return self._limits(account_parameter(request))

    @extend_schema(
        operation_id="risk_limits_set",
        request=LimitsInput,
        responses=LimitsSerializer,
        examples=[
            _LIMITS_EXAMPLE,
            OpenApiExample("tighten", value={"max_daily_loss": "25000", "max_open_orders": 20}, request_only=True),
        ],
        tags=["risk"],
    )
    def put(self, request: Request) -> Response:
        """Set some limits; null inherits again, what is left out stays. Answers the limits then in force."""
        serializer = LimitsInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        account_id = values.pop("account", None)
        limits_set(actor=self.actor, account_id=account_id, values=values)
        return self._limits(account_id)

    def _limits(self, account_id: UUID | None) -> Response:
        if account_id is not None:
            account_get(self.actor, account_id)
        uses = limits_and_use(organisation_id=self.actor.organisation_id, account_id=account_id)
        return Response(
            {"account": str(account_id) if account_id else None, "limits": {use.name: use.shape() for use in uses}}
        )


class DecisionsView(TenantAPIView):
    """What the gates decided."""

    permissions_required = {"GET": Permission.VIEW_RISK}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="risk_decisions",
        parameters=[
            OpenApiParameter("account", OpenApiTypes.UUID),
            OpenApiParameter("order", OpenApiTypes.UUID),
            OpenApiParameter("allowed", OpenApiTypes.BOOL),
        ],
        responses=RiskDecisionSerializer(many=True),
        examples=[OpenApiExample("refusal", value=_STORED_DECISION, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """Decisions of the accounts that the caller may see, newest first."""
        filters: dict[str, Any] = {}
        for name in ("account", "order"):
            if raw := request.query_params.get(name):
                try:
                    filters[f"{name}_id"] = UUID(raw)
                except ValueError as error:
                    raise InvalidInput(errors={name: ["must be a UUID"]}) from error
        match request.query_params.get("allowed", "").lower():
            case "":
                pass
            case "true" | "1":
                filters["allowed"] = True
            case "false" | "0":
                filters["allowed"] = False
            case _:
                raise InvalidInput(errors={"allowed": ["must be true or false"]})
        found = decisions_for(self.actor, **filters)
        return self.paged(request, found, lambda page: [decision_shape(decision) for decision in page])


class ValidateOrderView(TenantAPIView):
    """A dry run of the gates."""

    permissions_required = {"POST": Permission.PLACE_ORDERS}

    @extend_schema(
        operation_id="risk_validate_order",
        request=OrderInput,
        responses=RiskVerdictSerializer,
        examples=[OpenApiExample("refused", value=_VERDICT, response_only=True)],
        tags=["risk"],
    )
    def post(self, request: Request) -> Response:
        """What every gate would say of this order now; nothing is written."""
        preview = order_preview(actor=self.actor, intent=order_intent(request))
        return Response(preview_shape(preview)["risk"])
