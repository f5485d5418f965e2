"""Circuit breakers of accounts."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import body_of, query_of
from riskmgmt.selectors import breaker_shapes
from riskmgmt.serializers.breakers import AccountQuery, BreakerResetInput, BreakerRuleInput, BreakersSerializer
from riskmgmt.services import breaker_reset, breaker_rule_set, scope_for

_BREAKERS = {
    "results": [
        {
            "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
            "account_name": "Trader’s paper account",
            "state": "OPEN",
            "cause": "REJECT_STORM",
            "reason": "50 orders refused within 60 s.",
            "since": "2026-11-20T05:04:03.120000+00:00",
            "parameters": {
                "enabled": True,
                "max_loss": "40000.00",
                "max_drawdown": None,
                "reject_count": 50,
                "reject_seconds": 60,
                "broker_error_count": 5,
                "broker_error_seconds": 60,
                "cool_off_seconds": 300,
                "probation_seconds": 300,
                "open_state": "REDUCING",
                "half_open_order_value": "50000.00",
            },
        }
    ]
}
_EXAMPLE = OpenApiExample("breakers", value=_BREAKERS, response_only=True)


class BreakersView(TenantAPIView):
    """Where each breaker stands and when it trips."""

    permissions_required = {"GET": Permission.VIEW_RISK, "PUT": Permission.CHANGE_LIMITS}

    @extend_schema(
        operation_id="risk_circuit_breaker",
        parameters=[AccountQuery],
        responses=BreakersSerializer,
        examples=[_EXAMPLE],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """The breakers of the accounts that the caller may see."""
        query = query_of(request, AccountQuery)
        scope = scope_for(self.actor, account_id=query.get("account"))
        return Response({"results": breaker_shapes(self.actor, account_id=scope.account_id)})

    @extend_schema(
        operation_id="risk_circuit_breaker_set",
        request=BreakerRuleInput,
        responses=BreakersSerializer,
        examples=[
            _EXAMPLE,
            OpenApiExample("stricter", value={"max_loss": "40000", "cool_off_seconds": 900}, request_only=True),
        ],
        tags=["risk"],
    )
    def put(self, request: Request) -> Response:
        """Set the parameters from today on, of an account or of the organisation; what is left out stays."""
        values = body_of(request, BreakerRuleInput)
        account_id = values.pop("account", None)
        breaker_rule_set(actor=self.actor, account_id=account_id, values=values)
        return Response({"results": breaker_shapes(self.actor, account_id=account_id)})


class BreakerResetView(TenantAPIView):
    """Closing a breaker by hand."""

    permissions_required = {"POST": Permission.CHANGE_LIMITS}

    @extend_schema(
        operation_id="risk_circuit_breaker_reset",
        request=BreakerResetInput,
        responses=BreakersSerializer,
        examples=[
            _EXAMPLE,
            OpenApiExample(
                "reset",
                value={"account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10", "reason": "Cause found"},
                request_only=True,
            ),
        ],
        tags=["risk"],
    )
    def post(self, request: Request) -> Response:
        """Close an open breaker. What tripped it opens it again within a second if it still holds."""
        body = body_of(request, BreakerResetInput)
        breaker_reset(actor=self.actor, account_id=body["account"], reason=body["reason"])
        return Response({"results": breaker_shapes(self.actor, account_id=body["account"])})
