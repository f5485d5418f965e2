"""How an API request says who it is: a JWT, an API key, or the browser's session with CSRF."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from accounts.domain.caller import Caller, Credential, Scheme
from accounts.identity import caller_of_access_token, caller_of_api_key, caller_of_user
from core.http.client import client_address


def caller_of_authorization(header: str, address: str) -> Caller | None:
    """The caller named by an `Authorization` header; None when the header is of neither kind.

    Raises NotAuthenticated when it is of our kind and does not hold. Sockets use this too.
    """
    scheme, _, credential = header.strip().partition(" ")
    match scheme.lower():
        case Scheme.BEARER:
            return caller_of_access_token(credential.strip())
        case Scheme.API_KEY:
            return caller_of_api_key(credential.strip(), address)
        case _:
            return None


class HeaderAuthentication(BaseAuthentication):
    """`Authorization: Bearer <jwt>` or `Authorization: Api-Key <key>`."""

    def authenticate(self, request: Request) -> tuple[Caller, Credential] | None:
        """The caller and what they showed, or None without such a header."""
        header = request.headers.get("Authorization", "")
        caller = caller_of_authorization(header, client_address(request._request)) if header else None
        if caller is None:
            return None
        if caller.api_key is not None:
            return caller, Credential(Scheme.API_KEY, caller.api_key.id)
        return caller, Credential(Scheme.BEARER)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 answers in `WWW-Authenticate`."""
        return "Bearer"


class BrowserAuthentication(SessionAuthentication):
    """The browser's session; writes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The caller behind the session, or None when nobody is logged in."""
        authenticated = super().authenticate(request)
        return (caller_of_user(authenticated[0].pk), Credential(Scheme.SESSION)) if authenticated else None


class HeaderAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Both header schemes in the OpenAPI schema."""

    target_class = "accounts.authentication.HeaderAuthentication"
    name = ["bearer", "apiKey"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """The schemes, in the order of `name`."""
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Api-Key <key>`"},
        ]


class BrowserAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session cookie in the OpenAPI schema."""

    target_class = "accounts.authentication.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The cookie's scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
