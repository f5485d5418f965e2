"""Who is calling, as far as the connection tells."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that a page or API request comes from."""
    return trusted_address(
        peer=str(request.META.get("REMOTE_ADDR", "")), forwarded=request.headers.get("X-Forwarded-For", "")
    )


def trusted_address(*, peer: str, forwarded: str) -> str:
    """The caller's address. `X-Forwarded-For` is believed only as far as there are proxies of ours."""
    proxies: int = settings.TRUSTED_PROXY_COUNT
    hops = [part.strip() for part in forwarded.split(",") if part.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    return peer


def wants_problem(request: HttpRequest) -> bool:
    """Whether an error should be told as problem+json: to API clients, and to HTMX, whose toast shows it."""
    return request.path.startswith("/api/") or bool(request.headers.get("HX-Request"))
