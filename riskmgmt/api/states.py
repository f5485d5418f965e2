"""Trading states."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core import clock
from core.api.reading import body_of, query_of
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import State
from riskmgmt.selectors import state_shape, states_for, trading_state
from riskmgmt.serializers.states import StateInput, StatesQuery, StatesSerializer
from riskmgmt.services import scope_for, trading_state_set

_STATES = {
    "in_force": "REDUCING",
    "states": [
        {
            "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
            "strategy": "",
            "level": "ACCOUNT",
            "source": "MANUAL",
            "state": "REDUCING",
            "reason": "Results tonight",
            "by": "risk@alpha.demo",
            "since": "2026-11-20T04:31:00+00:00",
            "expires_at": "2026-11-20T10:00:00+00:00",
        }
    ],
}


class StatesView(TenantAPIView):
    """Who may open positions, who may only close them, who may not trade."""

    permissions_required = {"GET": Permission.VIEW_RISK, "PUT": Permission.CHANGE_LIMITS}

    @extend_schema(
        operation_id="risk_states",
        parameters=[StatesQuery],
        responses=StatesSerializer,
        examples=[OpenApiExample("states", value=_STATES, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """States that hold trading back now; with an account, also which one decides there."""
        query = query_of(request, StatesQuery)
        return self._states(scope_for(self.actor, account_id=query.get("account"), strategy=query["strategy"]))

    @extend_schema(
        operation_id="risk_states_set",
        request=StateInput,
        responses=StatesSerializer,
        examples=[
            OpenApiExample("states", value=_STATES, response_only=True),
            OpenApiExample(
                "only exits until three",
                value={
                    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
                    "state": "REDUCING",
                    "reason": "Results tonight",
                    "expires_at": "2026-11-20T15:30:00+05:30",
                },
                request_only=True,
            ),
        ],
        tags=["risk"],
    )
    def put(self, request: Request) -> Response:
        """Set the state of the organisation, an account or a strategy. Breakers and kill switches keep theirs."""
        body = body_of(request, StateInput)
        scope = scope_for(self.actor, account_id=body.get("account"), strategy=body["strategy"])
        trading_state_set(
            actor=self.actor,
            scope=scope,
            state=State(body["state"]),
            reason=body["reason"],
            expires_at=body.get("expires_at"),
        )
        return self._states(scope)

    def _states(self, scope: Scope) -> Response:
        decides = None
        if scope.account_id is not None:
            standing = trading_state(
                scope.account_id, scope.strategy, clock.now(), organisation_id=scope.organisation_id
            )
            decides = standing.state.value
        rows = states_for(self.actor, account_id=scope.account_id)
        return Response({"in_force": decides, "states": [state_shape(row) for row in rows]})
