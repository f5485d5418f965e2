"""The request id of a WebSocket: one for the life of the socket, from the handshake."""

from typing import Any

import structlog
from channels.middleware import BaseMiddleware

from core.http.request_id import HEADER, sane_request_id

_HEADER_BYTES = HEADER.lower().encode()


class SocketRequestIdMiddleware(BaseMiddleware):  # type: ignore[misc]
    """Binds `scope["request_id"]` to every log line of the socket's tasks."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        offered = dict(scope.get("headers", ())).get(_HEADER_BYTES, b"").decode("latin-1")
        scope["request_id"] = sane_request_id(offered)
        with structlog.contextvars.bound_contextvars(request_id=scope["request_id"]):
            return await super().__call__(scope, receive, send)
