"""The ASGI application behind a socket path: accept, find out who it is, serve, clean up."""

import logging
from typing import Any

from django.db import DatabaseError, InterfaceError

from core.errors import NotAuthenticated, PermissionDenied, Unavailable
from core.realtime import metrics
from core.realtime.database import in_database
from core.realtime.identity import Identity, Scope
from core.realtime.origin import origin_allowed, socket_address
from core.realtime.protocol import CloseCode, error_frame
from core.realtime.session import Receive, SocketSession
from core.realtime.switchboard import Switchboard, switchboard
from core.realtime.writer import Send, SocketWriter

logger = logging.getLogger(__name__)


class SocketEndpoint:
    """Serves one socket path.

    Args:
        topic: the only topic of this path, or None where every frame names its own.
        subscribe_on_connect: for paths that say all there is to say, such as `/ws/orders/{account}`.
    """

    def __init__(self, topic: str | None = None, *, subscribe_on_connect: bool = False) -> None:
        self._topic = topic
        self._subscribe_on_connect = subscribe_on_connect

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        if not origin_allowed(scope):
            # Closing before accepting is an HTTP 403 to the foreign page.
            await send({"type": "websocket.close", "code": CloseCode.FORBIDDEN})
            return
        await send({"type": "websocket.accept"})
        writer = SocketWriter(send)
        board = switchboard()
        address = socket_address(scope)
        place = board.caps.enter(address)
        if place is None:
            await _refuse(writer, CloseCode.TOO_MANY, "too_many_sockets", "Too many sockets from this address.")
            return
        try:
            identity = await self._identify(board, scope, writer)
            if identity is None:
                return
            if not await board.caps.admit(place, identity.actor.user_id):
                detail = "Too many sockets of this user or address."
                await _refuse(writer, CloseCode.TOO_MANY, "too_many_sockets", detail)
                return
            await self._run(board, self._session(board, identity, writer, address, scope), receive)
        finally:
            board.caps.leave(place)

    def _session(
        self, board: Switchboard, identity: Identity, writer: SocketWriter, address: str, scope: Scope
    ) -> SocketSession:
        return SocketSession(
            identity=identity,
            writer=writer,
            topics=board.topics if self._topic is None else {self._topic: board.topics[self._topic]},
            implied=self._implied(scope),
            address=address,
        )

    async def _run(self, board: Switchboard, session: SocketSession, receive: Receive) -> None:
        board.join(session)
        try:
            await self._serve(session, receive)
        finally:
            board.leave(session)

    async def _serve(self, session: SocketSession, receive: Receive) -> None:
        try:
            if self._subscribe_on_connect and not await session.handle({"action": "subscribe", **session.implied}):
                await session.close(CloseCode.FORBIDDEN, "forbidden")
                return
            await session.run(receive)
        except (DatabaseError, InterfaceError):
            logger.warning("a socket lost its database", exc_info=True)
            await session.close(CloseCode.TRY_AGAIN_LATER, "try again later")

    async def _identify(self, board: Switchboard, scope: Scope, writer: SocketWriter) -> Identity | None:
        try:
            return await in_database(board.authenticate, scope)
        except NotAuthenticated as error:
            await _refuse(writer, CloseCode.NOT_AUTHENTICATED, error.code, error.detail)
        except PermissionDenied as error:
            await _refuse(writer, CloseCode.FORBIDDEN, error.code, error.detail)
        except (Unavailable, DatabaseError, InterfaceError):
            logger.warning("a socket could not be authenticated", exc_info=True)
            await _refuse(writer, CloseCode.TRY_AGAIN_LATER, "unavailable", "Try again in a moment.")
        return None

    def _implied(self, scope: Scope) -> dict[str, str]:
        if self._topic is None:
            return {}
        from_path = {name: str(value) for name, value in scope["url_route"]["kwargs"].items()}
        return {"topic": self._topic, **from_path}


async def unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a socket path that does not exist; HTTP 403 is all that ASGI servers can say before accepting."""
    await receive()
    await send({"type": "websocket.close", "code": CloseCode.FORBIDDEN})


async def _refuse(writer: SocketWriter, close_code: CloseCode, code: str, detail: str) -> None:
    metrics.CLOSED.labels(code=str(int(close_code))).inc()
    writer.post(error_frame(code, detail))
    await writer.close(close_code, code)
