"""The kill switch: one press, a release in two steps."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView, require_recent_log_in
from accounts.domain.permissions import Permission
from core.api.reading import body_of, query_of
from riskmgmt.selectors import kill_switch_shape, kill_switches_for
from riskmgmt.serializers.breakers import AccountQuery
from riskmgmt.serializers.states import (
    KillSwitchesSerializer,
    KillSwitchInput,
    KillSwitchReleaseInput,
    KillSwitchReleaseSerializer,
    KillSwitchSerializer,
)
from riskmgmt.services import (
    kill_switch_press,
    kill_switch_release_ask,
    kill_switch_release_confirm,
    scope_for,
)
from riskmgmt.services.release import VALID_FOR

_SWITCH = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
    "strategy": "",
    "level": "ACCOUNT",
    "reason": "Runaway strategy",
    "flatten": False,
    "pressed_at": "2026-11-20T05:04:03.120000+00:00",
    "pressed_by": "risk@alpha.demo",
    "orders_cancelled": 7,
    "positions_closed": 0,
    "release_asked_at": None,
    "release_asked_by": "",
    "released_at": None,
    "released_by": "",
}


class KillSwitchView(TenantAPIView):
    """Stop everything, now."""

    permissions_required = {
        "GET": Permission.VIEW_RISK,
        "POST": Permission.KILL_SWITCH,
        "DELETE": Permission.KILL_SWITCH,
    }

    @extend_schema(
        operation_id="risk_kill_switches",
        parameters=[AccountQuery],
        responses=KillSwitchesSerializer,
        examples=[OpenApiExample("pressed", value={"results": [_SWITCH]}, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """The kill switches that are pressed."""
        query = query_of(request, AccountQuery)
        scope = scope_for(self.actor, account_id=query.get("account"))
        pressed = kill_switches_for(self.actor, account_id=scope.account_id)
        return Response({"results": [kill_switch_shape(switch) for switch in pressed]})

    @extend_schema(
        operation_id="risk_kill_switch_press",
        request=KillSwitchInput,
        responses={201: KillSwitchSerializer},
        examples=[
            OpenApiExample("pressed", value=_SWITCH, response_only=True, status_codes=["201"]),
            OpenApiExample("the whole desk", value={"reason": "Bad prices", "flatten": True}, request_only=True),
        ],
        tags=["risk"],
    )
    def post(self, request: Request) -> Response:
        """Refuse every order of the scope from now on and cancel what is live; with `flatten`, close positions too.

        Pressing again answers the press that holds.
        """
        body = body_of(request, KillSwitchInput)
        scope = scope_for(self.actor, account_id=body.get("account"), strategy=body["strategy"])
        switch = kill_switch_press(actor=self.actor, scope=scope, reason=body["reason"], flatten=body["flatten"])
        return Response(kill_switch_shape(switch), status=201)

    @extend_schema(
        operation_id="risk_kill_switch_release",
        request=KillSwitchReleaseInput,
        responses={200: KillSwitchSerializer, 202: KillSwitchReleaseSerializer},
        examples=[
            OpenApiExample("ask", value={"id": _SWITCH["id"]}, request_only=True),
            OpenApiExample("confirm", value={"id": _SWITCH["id"], "token": "K7PQ2M9D"}, request_only=True),
            OpenApiExample("released", value=_SWITCH, response_only=True, status_codes=["200"]),
        ],
        tags=["risk"],
    )
    def delete(self, request: Request) -> Response:
        """Release in two steps: without a token it is asked for (202, with the token), with it confirmed.

        Takes a log-in of the last minutes; API keys never pass.
        """
        body = body_of(request, KillSwitchReleaseInput)
        require_recent_log_in(request)
        if body["token"]:
            switch = kill_switch_release_confirm(actor=self.actor, kill_switch_id=body["id"], token=body["token"])
            return Response(kill_switch_shape(switch))
        asked = kill_switch_release_ask(actor=self.actor, kill_switch_id=body["id"])
        asked_at = asked.switch.release_asked_at
        expires = (asked_at + VALID_FOR).isoformat() if asked_at else ""
        return Response(
            {**kill_switch_shape(asked.switch), "token": asked.token, "token_expires_at": expires}, status=202
        )
