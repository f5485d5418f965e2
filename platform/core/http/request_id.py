"""The request id: a sane `X-Request-ID` or a new one; bound to every log line, echoed in the answer."""

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from core.ids import new_id

HEADER = "X-Request-ID"
# Long enough to be useful, short and plain enough to be harmless in a log line and a header.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def sane_request_id(offered: str | None) -> str:
    """The offered id when it is harmless, else a new one."""
    return offered if offered and _SANE.fullmatch(offered) else str(new_id())


def current_request_id() -> str:
    """The id of the request, socket or task that is running, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestIdMiddleware:
    """Outermost but for security: whatever happens further in is logged under the id.

    Synchronous on purpose, like all of ours: views are synchronous, so under ASGI the whole chain then runs in one
    thread hop, where a mixture would hop at each change.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = sane_request_id(request.headers.get(HEADER))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self._get_response(request)
            response.headers[HEADER] = request_id
            return response
