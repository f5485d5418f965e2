"""The request id of a WebSocket: one for the life of the socket, from the handshake."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from core.http.request_id import HEADER, sane_request_id

_HEADER_BYTES = HEADER.lower().encode()

Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Send], Awaitable[None]]


class SocketRequestIdMiddleware:
    """Binds the id to every log line of the socket's tasks, and tells it in the answer to the handshake."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        offered = dict(scope.get("headers", ())).get(_HEADER_BYTES, b"").decode("latin-1")
        request_id = sane_request_id(offered)
        answer = (_HEADER_BYTES, request_id.encode())

        async def send_with_id(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.accept":
                message = {**message, "headers": [*message.get("headers", ()), answer]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._application({**scope, "request_id": request_id}, receive, send_with_id)
