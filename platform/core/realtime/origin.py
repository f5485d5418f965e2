"""Where a socket comes from: its address, and the web page behind it. Programs usually name no page."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from core.http.client import trusted_address
from core.realtime.identity import Scope


def header(scope: Scope, name: bytes) -> str:
    """A request header of a socket, an empty text when absent."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def socket_address(scope: Scope) -> str:
    """The caller's address, seen through our own proxies as for HTTP."""
    client = scope.get("client")
    return trusted_address(peer=client[0] if client else "", forwarded=header(scope, b"x-forwarded-for"))


def origin_allowed(scope: Scope) -> bool:
    """Whether the page behind this socket is ours: same host and port, or in `CSRF_TRUSTED_ORIGINS`.

    Without an Origin header there is no page whose cookies could be abused.
    """
    origin = header(scope, b"origin").lower()
    if not origin:
        return True
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
        hostname = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not validate_host(_bracketed(hostname), settings.ALLOWED_HOSTS):
        return False
    return parts.netloc == header(scope, b"host").lower()


def _bracketed(hostname: str) -> str:
    return f"[{hostname}]" if ":" in hostname else hostname
