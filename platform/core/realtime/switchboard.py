"""All sockets of one event loop: their topics, their number, their health."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.module_loading import import_string

from core.errors import Unavailable
from core.realtime import metrics
from core.realtime.bridge import follow_bus
from core.realtime.caps import SocketCaps
from core.realtime.database import in_database
from core.realtime.identity import Authenticator
from core.realtime.protocol import CloseCode
from core.realtime.revocation import CONTROL_CHANNEL, Revocation, decode_revocation
from core.realtime.session import SocketSession
from core.realtime.topics import Topic

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
PING_SECONDS = 25.0
RECHECK_SECONDS = 60.0
# Time for the buffers to fill comes before, so that a stalled client is out within ten seconds.
SLOW_SECONDS = 5.0


class Switchboard:
    """What the sockets of one event loop share. Not thread-safe."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.authenticate: Authenticator = import_string(settings.SOCKET_AUTHENTICATOR)
        self.topics: dict[str, Topic] = {}
        for path in settings.SOCKET_TOPICS:
            topic: Topic = import_string(path)()
            self.topics[topic.name] = topic
        self._sessions: set[SocketSession] = set()
        self.caps = SocketCaps()
        self._keeper: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self._unsubscribe = follow_bus(CONTROL_CHANNEL, decode_revocation, self._revoke)

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run work beside the sockets and keep hold of it until it is done; a failure is logged."""
        task = self.loop.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("socket background work failed", exc_info=error)

    def join(self, session: SocketSession) -> None:
        """Look after a socket from now on."""
        self._sessions.add(session)
        metrics.SOCKETS.inc()
        if self._keeper is None or self._keeper.done():
            self._keeper = self.loop.create_task(self._keep())
            self._keeper.add_done_callback(self._done)

    def leave(self, session: SocketSession) -> None:
        """The socket is gone."""
        self._sessions.discard(session)
        metrics.SOCKETS.dec()
        session.leave()

    async def _keep(self) -> None:
        while self._sessions:
            await asyncio.sleep(SWEEP_SECONDS)
            now = time.monotonic()
            self.start(self.caps.renew_if_due(now))
            for session in list(self._sessions):
                if session.writer.overflowed or session.writer.blocked_seconds() >= SLOW_SECONDS:
                    self.start(session.close(CloseCode.SLOW, "too slow"))
                    continue
                session.ping_if_due(now, PING_SECONDS)
                if now - session.checked_at >= RECHECK_SECONDS:
                    session.checked_at = now
                    self.start(self.recheck(session))

    async def recheck(self, session: SocketSession) -> None:
        """Load the caller's rights anew and act on them; with no database, the socket keeps what it had."""
        try:
            renewed = await in_database(session.identity.renewed)
        except (Unavailable, DatabaseError, InterfaceError):
            logger.warning("rights of a socket could not be checked: the database does not answer")
            return
        await session.recheck(renewed)

    def _revoke(self, revocation: Revocation) -> None:
        for session in self._sessions:
            if revocation.concerns(session.actor):
                self.start(self.recheck(session))

    def close(self) -> None:
        """Let go of the bus when the loop is done with."""
        self._unsubscribe()
        self.caps.close()
        for topic in self.topics.values():
            topic.close()


_current: Switchboard | None = None


def switchboard() -> Switchboard:
    """The switchboard of the running loop. A process serves sockets on one loop; a new one replaces the old."""
    global _current
    loop = asyncio.get_running_loop()
    if _current is None or _current.loop is not loop:
        if _current is not None:
            _current.close()
        _current = Switchboard(loop)
    return _current
