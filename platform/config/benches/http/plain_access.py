"""How the reference knows its callers. Apart from its views, because DRF loads this while it loads those."""

from collections.abc import Callable

from allauth.headless.tokens.strategies.jwt import internal as jwt
from django.http import HttpRequest, HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from core.tenancy import system_scope


class EveryTenantMiddleware:
    """A tutorial knows no tenants; without a scope the database would show nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with system_scope():
            return self._get_response(request)


class TokenAuthentication(BaseAuthentication):
    """A JWT's signature and its user's row, once a request, as the usual JWT packages do."""

    def authenticate(self, request: Request) -> tuple[User, None]:
        payload = jwt.decode_token(request.headers.get("Authorization", "").removeprefix("Bearer "), "access")
        if payload is None:
            raise AuthenticationFailed
        return User.objects.get(pk=payload["sub"]), None
