"""Who is calling, as far as the connection tells."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address. `X-Forwarded-For` is believed only as far as there are proxies of ours."""
    proxies: int = settings.TRUSTED_PROXY_COUNT
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def wants_problem(request: HttpRequest) -> bool:
    """Whether an error should be told as problem+json: to API clients, and to HTMX, whose toast shows it."""
    return request.path.startswith("/api/") or bool(request.headers.get("HX-Request"))
