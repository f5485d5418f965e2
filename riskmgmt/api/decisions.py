"""What the gates decided, would decide, and everything that was held back."""

from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import query_of
from riskmgmt.selectors import breaches_for, decision_shape, decisions_for
from riskmgmt.serializers.decisions import BreachesQuery, BreachesSerializer, DecisionsQuery, RiskDecisionSerializer
from trading.orders.api.orders import order_intent
from trading.orders.serializers.orders import OrderInput, RiskVerdictSerializer
from trading.orders.services import order_preview, preview_shape

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
    "symbol": "NSE:RELIANCE",
    "strategy": "",
    **_DECISION,
    "at": "2026-11-20T10:34:03.120000+05:30",
}
_BREACH = {
    "kind": "REFUSAL",
    "at": "2026-11-20T05:04:03.120000+00:00",
    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
    "account_name": "Trader’s paper account",
    "code": "order_value_limit",
    "message": _DECISION["message"],
    "by": "trader@alpha.demo",
    "order": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
    "symbol": "NSE:RELIANCE",
    "strategy": "",
    "limit": "1000000",
    "used": "1295400",
    "source": "",
}


class DecisionsView(TenantAPIView):
    """What the gates decided."""

    permissions_required = {"GET": Permission.VIEW_RISK}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="risk_decisions",
        parameters=[DecisionsQuery],
        responses=RiskDecisionSerializer(many=True),
        examples=[OpenApiExample("refusal", value=_STORED_DECISION, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """Decisions of the accounts that the caller may see, newest first."""
        query = query_of(request, DecisionsQuery)
        found = decisions_for(
            self.actor,
            account_id=query.get("account"),
            order_id=query.get("order"),
            allowed=query["allowed"],
            gate=query.get("gate", ""),
            code=query.get("code", ""),
            key=query.get("symbol", ""),
            strategy=query["strategy"],
            since=query.get("from"),
            until=query.get("to"),
        )
        return self.paged(request, found, lambda page: [decision_shape(decision) for decision in page])


class BreachesView(TenantAPIView):
    """The history of what was held back."""

    permissions_required = {"GET": Permission.VIEW_RISK}

    @extend_schema(
        operation_id="risk_breaches",
        parameters=[BreachesQuery],
        responses=BreachesSerializer,
        examples=[
            OpenApiExample(
                "breaches", value={"next": None, "previous": None, "results": [_BREACH]}, response_only=True
            )
        ],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """Refused orders, changes of trading states and moves of circuit breakers, newest first."""
        query = query_of(request, BreachesQuery)
        limit = query["limit"]
        found = breaches_for(self.actor, account_id=query.get("account"), before=query.get("before"), limit=limit)
        following = None
        if len(found) >= limit:
            rest = {**request.query_params.dict(), "before": found[-1]["at"]}
            following = request.build_absolute_uri(f"{request.path}?{urlencode(rest)}")
        return Response({"next": following, "previous": None, "results": found})


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
