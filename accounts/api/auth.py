"""Logging in and out, and who one is then."""

from typing import Any

from django.contrib.auth import logout
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.access import ORGANISATION_HEADER, TenantAPIView, caller_of, log_in_session
from accounts.domain.caller import Caller, Scheme
from accounts.identity import caller_of_user
from accounts.services import ws_ticket_issue

from .serializers import LogInInput, MeSerializer, RefreshInput, TicketSerializer, TokensSerializer, me

_TOKENS_EXAMPLE = OpenApiExample(
    "tokens",
    response_only=True,
    value={
        "access_token": "eyJhbGciOi…",
        "refresh_token": "eyJhbGciOi…",
        "expires_in": 900,
        "user": {"id": "0199c0de-0000-7000-8000-000000000001", "email": "trader@alpha.demo", "name": "Asha"},
        "roles": ["TRADER"],
        "organisations": [
            {
                "id": "0199c0de-0000-7000-8000-0000000000a0",
                "slug": "alpha",
                "name": "Alpha",
                "role": "TRADER",
            }
        ],
    },
)


class LogInView(APIView):
    """Anybody's way in."""

    authentication_classes = ()
    permission_classes = ()
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_login",
        tags=["auth"],
        request=LogInInput,
        responses=TokensSerializer,
        auth=[],
        examples=[
            OpenApiExample(
                "password and code",
                request_only=True,
                value={"email": "trader@alpha.demo", "password": "sauda-demo", "otp": "123456"},
            ),
            _TOKENS_EXAMPLE,
        ],
    )
    def post(self, request: Request) -> Response:
        """Exchange a password, and the code of a second factor where there is one, for tokens."""
        form = LogInInput(data=request.data)
        form.is_valid(raise_exception=True)
        granted = tokens.log_in(request=request._request, **form.validated_data)
        return _tokens_answer(granted)


class RefreshView(APIView):
    """New tokens for old."""

    authentication_classes = ()
    permission_classes = ()
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_refresh",
        tags=["auth"],
        request=RefreshInput,
        responses=TokensSerializer,
        auth=[],
        examples=[_TOKENS_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token, which works once, for new tokens."""
        form = RefreshInput(data=request.data)
        form.is_valid(raise_exception=True)
        return _tokens_answer(tokens.refresh(refresh_token=form.validated_data["refresh_token"]))


class LogOutView(APIView):
    """The way out."""

    @extend_schema(operation_id="auth_logout", tags=["auth"], request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End this log-in: its tokens, its session and its sockets. An API key is revoked, not logged out."""
        scheme = getattr(request.auth, "scheme", None)
        if scheme is Scheme.BEARER:
            tokens.log_out(access_token=request.headers["Authorization"].partition(" ")[2].strip())
        elif scheme is Scheme.SESSION:
            logout(request._request)
        return Response(status=204)


class MeView(APIView):
    """The caller's own view of themselves."""

    @extend_schema(
        operation_id="auth_me",
        tags=["auth"],
        responses=MeSerializer,
        examples=[
            OpenApiExample(
                "a trader",
                response_only=True,
                value={
                    "user": _TOKENS_EXAMPLE.value["user"],
                    "organisation": _TOKENS_EXAMPLE.value["organisations"][0],
                    "roles": ["TRADER"],
                    "permissions": ["PLACE_ORDERS", "VIEW_MARKET"],
                    "organisations": _TOKENS_EXAMPLE.value["organisations"],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Who is calling, in which organisation, and what they may do there."""
        caller = caller_of(request)
        slug = request.headers.get(ORGANISATION_HEADER)
        actor = caller.actor(slug) if caller.reachable or slug else None
        return Response(MeSerializer(me(caller, actor)).data)


class WsTicketView(TenantAPIView):
    """For clients whose sockets can carry neither a cookie nor a header."""

    permissions_required = {"POST": None}

    @extend_schema(
        operation_id="auth_ws_ticket",
        tags=["auth"],
        request=None,
        responses={201: TicketSerializer},
        examples=[OpenApiExample("ticket", response_only=True, value={"ticket": "mZ3…", "expires_in": 30})],
    )
    def post(self, request: Request) -> Response:
        """A ticket that opens one socket within thirty seconds, as `?ticket=`."""
        session = log_in_session(request)
        ticket = ws_ticket_issue(actor=self.actor, session_key=(session.session_key or "") if session else "")
        return Response(TicketSerializer({"ticket": ticket}).data, status=201)


def _tokens_answer(granted: tokens.Tokens) -> Response:
    caller: Caller = caller_of_user(granted.user_id)
    body: dict[str, Any] = {
        "access_token": granted.access_token,
        "refresh_token": granted.refresh_token,
        "expires_in": granted.expires_in,
        **me(caller, caller.actor() if caller.memberships else None),
    }
    return Response(TokensSerializer(body).data, headers={"Cache-Control": "no-store"})
