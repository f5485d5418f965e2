"""The door of every page and every API view: who acts, in which organisation, and whether they may."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar

from allauth.account import app_settings as allauth_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.tokens.strategies.jwt import internal as jwt
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.pagination import BasePagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.domain.actor import Actor
from accounts.domain.caller import Caller, Scheme
from accounts.domain.permissions import Permission
from accounts.identity import caller_of_user
from core.api.pagination import FromTheStart
from core.errors import NotAuthenticated, PermissionDenied
from core.tenancy import tenant_scope

__all__ = ["TenantAPIView", "TenantPageMixin", "actor_of", "caller_of", "require_recent_log_in"]

ORGANISATION_HEADER = "X-Organisation"
_TAKES_JSON = frozenset({"*/*", "application/json", "application/json, */*"})


def caller_of(request: HttpRequest | Request) -> Caller:
    """The authenticated caller of a Django or DRF request; raises NotAuthenticated for an anonymous one."""
    user = request.user
    if isinstance(user, Caller):
        return user
    if not user.is_authenticated:
        raise NotAuthenticated
    django_request = _django_request(request)
    known: Caller | None = getattr(django_request, "_caller", None)
    if known is None or known.user_id != user.pk:
        known = caller_of_user(user.pk)
        django_request._caller = known  # type: ignore[attr-defined]
    return known


def actor_of(request: HttpRequest | Request) -> Actor:
    """The caller inside the organisation of this request: the one in `X-Organisation`, else their active one.

    Raises NotAuthenticated for an anonymous request, PermissionDenied (`not_a_member`) without a membership.
    """
    django_request = _django_request(request)
    known: Actor | None = getattr(django_request, "_actor", None)
    if known is None:
        known = caller_of(request).actor(request.headers.get(ORGANISATION_HEADER))
        django_request._actor = known  # type: ignore[attr-defined]
    return known


def _django_request(request: HttpRequest | Request) -> HttpRequest:
    return request._request if isinstance(request, Request) else request


def require_recent_log_in(request: HttpRequest | Request) -> None:
    """Raise unless the person behind the request proved who they are a few minutes ago.

    For keys, roles and the like. A page is sent to allauth's re-authentication and comes back; the API gets 403
    `reauthentication_required`, and mends it by logging in again. API keys never pass.
    """
    if isinstance(request, Request):
        session = log_in_session(request)
        if session is None or not _log_in_is_recent(session):
            raise PermissionDenied("Log in again to do this.", code="reauthentication_required")
    elif not _log_in_is_recent(request.session):
        raise ReauthenticationRequired


def _log_in_is_recent(session: SessionBase) -> bool:
    # allauth reads its records from a request; an API request's own user is a Caller, not a row.
    holder = HttpRequest()
    holder.session = session
    records = get_authentication_records(holder, get_session_user(session))
    return bool(records) and time.time() - records[-1]["at"] < allauth_settings.REAUTHENTICATION_TIMEOUT


def log_in_session(request: Request) -> SessionBase | None:
    """The session of the log-in that an API request hangs on, whichever way it came; None with an API key."""
    match getattr(request.auth, "scheme", None):
        case Scheme.SESSION:
            return request._request.session
        case Scheme.BEARER:
            token = request.headers.get("Authorization", "").partition(" ")[2].strip()
            payload = jwt.decode_token(token, "access")
            return jwt.get_token_session(payload) if payload else None
        case _:
            return None


class TenantAPIView(APIView):
    """An API view inside one organisation. Each method names its permission; one that does not is refused."""

    permissions_required: ClassVar[Mapping[str, Permission | None]] = {}
    pagination_class: ClassVar[type[BasePagination] | None] = None
    actor: Actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Run the view inside the tenant scope, which `initial` enters once it knows the actor."""
        with ExitStack() as self._scope:
            return super().dispatch(request, *args, **kwargs)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """The API's one renderer, without asking it, where the caller takes anything or JSON."""
        if request.META.get("HTTP_ACCEPT", "*/*") in _TAKES_JSON and "format" not in request.META.get(
            "QUERY_STRING", ""
        ):
            renderer = self.renderer_classes[0]()
            return renderer, str(renderer.media_type)
        return super().perform_content_negotiation(request, force)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Settle who acts, check the method's permission, and show the database that organisation only."""
        super().initial(request, *args, **kwargs)
        self.actor = self.resolve_actor(request)
        method = str(request.method)
        if method not in self.permissions_required:
            if getattr(self, method.lower(), None) is None:
                self.http_method_not_allowed(request, *args, **kwargs)
            raise PermissionDenied("This method names no permission.")
        permission = self.permissions_required[method]
        if permission is not None:
            self.actor.require(permission)
        self._scope.enter_context(tenant_scope(self.actor.organisation_id))

    def paged(
        self, request: Request, rows: QuerySet[Any] | FromTheStart[Any], shape: Callable[[Sequence[Any]], Any]
    ) -> Response:
        """One page of rows by the view's `pagination_class`, which also tells the schema.

        `shape` makes a page's rows into a list of JSON values.
        """
        assert self.pagination_class is not None, "a list view names its pagination_class"
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(rows, request, view=self)  # type: ignore[arg-type]  # sliced like one
        return paginator.get_paginated_response(shape(page or []))

    def resolve_actor(self, request: Request) -> Actor:
        """The actor of the request; a view whose address names the organisation says so here."""
        return actor_of(request)


class TenantPageMixin:
    """A page inside one organisation. `permission_required` guards every method; anonymous visitors go to log in.

    The tenant scope is the middleware's, so that it also covers the rendering.
    """

    permission_required: ClassVar[Permission | None] = None
    actor: Actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Settle who acts and check the permission before anything else of the view runs."""
        if not request.user.is_authenticated:
            return _to_log_in(request)
        if not caller_of(request).memberships:
            return redirect("accounts:profile")
        self.actor = actor_of(request)
        if self.permission_required is not None:
            self.actor.require(self.permission_required)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        # The same address answers with a page or with its live part; a cache must not mix them up.
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        return response


def _to_log_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # A partial's address is no place to return to; go where the person was.
        page = request.headers.get("HX-Current-URL", "/")
        return HttpResponseClientRedirect(redirect_to_login(page).url)
    return redirect_to_login(request.get_full_path())
