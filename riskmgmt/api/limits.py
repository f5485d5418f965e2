"""Limits at every level."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import body_of, query_of
from riskmgmt.domain.scopes import Scope
from riskmgmt.selectors import limits_and_use
from riskmgmt.serializers.limits import LimitsInput, LimitsQuery, LimitsSerializer
from riskmgmt.services import limits_set, scope_for

_LIMITS_EXAMPLE = OpenApiExample(
    "limits",
    value={
        "account": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
        "user": None,
        "strategy": "",
        "level": "ACCOUNT",
        "limits": {
            "max_order_value": {
                "limit": "1000000.00",
                "set_by": "house",
                "own": None,
                "used": None,
                "label": "Order value",
                "unit": "₹",
                "levels": {},
                "level_uses": {},
            },
            "max_daily_loss": {
                "limit": "25000.00",
                "set_by": "account",
                "own": "25000.00",
                "used": "1812.40",
                "label": "Daily loss",
                "unit": "₹",
                "levels": {"organisation": "40000.00", "account": "25000.00"},
                "level_uses": {"organisation": "2410.10", "account": "1812.40"},
            },
            "allowed_products": {
                "limit": ["INTRADAY"],
                "set_by": "organisation and account",
                "own": ["INTRADAY", "NORMAL"],
                "used": None,
                "label": "Products",
                "unit": "list",
                "levels": {"organisation": ["DELIVERY", "INTRADAY"], "account": ["INTRADAY", "NORMAL"]},
                "level_uses": {},
            },
        },
    },
    response_only=True,
)


class LimitsView(TenantAPIView):
    """Limits in force, who set each, and how much is used."""

    permissions_required = {"GET": Permission.VIEW_RISK, "PUT": Permission.CHANGE_LIMITS}

    @extend_schema(
        operation_id="risk_limits",
        parameters=[LimitsQuery],
        responses=LimitsSerializer,
        examples=[_LIMITS_EXAMPLE],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """The limits of an account, a user or a strategy; the organisation's own when none is named.

        The tightest level wins: `limit` is what holds, `levels` what each level has set, `own` the level asked for.
        What adds up is summed over all that a level reaches (`level_uses`); shown as `limit` and `used` is then the
        level that is nearest to being reached.
        """
        return self._limits(self._named(query_of(request, LimitsQuery)))

    @extend_schema(
        operation_id="risk_limits_set",
        request=LimitsInput,
        responses=LimitsSerializer,
        examples=[
            _LIMITS_EXAMPLE,
            OpenApiExample(
                "tighten",
                value={"max_daily_loss": "25000", "max_open_orders": 20, "allowed_products": ["INTRADAY"]},
                request_only=True,
            ),
            OpenApiExample(
                "of a strategy", value={"strategy": "momentum", "max_gross_exposure": "500000"}, request_only=True
            ),
        ],
        tags=["risk"],
    )
    def put(self, request: Request) -> Response:
        """Set some limits of one level; null leaves a limit to the others. Answers the limits then in force."""
        values = body_of(request, LimitsInput)
        scope = self._named(
            {name: values.pop(name, None) for name in ("account", "user")}
            | {"strategy": values.pop("strategy", "") or ""}
        )
        limits_set(
            actor=self.actor,
            account_id=scope.account_id,
            user_id=scope.user_id,
            strategy=scope.strategy,
            values=values,
        )
        return self._limits(scope)

    def _named(self, named: dict[str, Any]) -> Scope:
        return scope_for(
            self.actor, account_id=named.get("account"), user_id=named.get("user"), strategy=named["strategy"]
        )

    def _limits(self, scope: Scope) -> Response:
        return Response(
            {
                "account": str(scope.account_id) if scope.account_id else None,
                "user": str(scope.user_id) if scope.user_id else None,
                "strategy": scope.strategy,
                "level": scope.level.value,
                "limits": {use.name: use.shape() for use in limits_and_use(scope)},
            }
        )
