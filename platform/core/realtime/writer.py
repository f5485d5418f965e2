"""What goes out on one socket, never with more than one frame in flight.

The server's `send` returns at once while the transport has room and waits while it has none. So each send is
started here and now; only one that must wait gets a task of its own. A client that does not read therefore
holds up nobody, and how long it has been holding up itself is known.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Sequence
from types import coroutine
from typing import Any

from core.realtime import metrics

Send = Callable[[dict[str, Any]], Awaitable[None]]

QUEUE_FRAMES = 512
QUEUE_BYTES = 2 * 1024 * 1024


class SocketWriter:
    """Frames of one socket. Not thread-safe: it lives on the loop of its socket."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[str] = deque()
        self._queued_bytes = 0
        self._in_flight: asyncio.Task[None] | None = None
        self._blocked_since: float | None = None
        self.overflowed = False
        self.gone = False

    @property
    def idle(self) -> bool:
        """Whether a frame offered now would go straight to the transport."""
        return self._in_flight is None and not self.gone

    def blocked_seconds(self) -> float:
        """How long the frame in flight has been waiting for room, 0.0 when none is."""
        return 0.0 if self._blocked_since is None else time.monotonic() - self._blocked_since

    def post(self, frame: str) -> None:
        """Send a frame that must not be lost: in order, queued while the client is slow.

        A queue that overflows marks the writer; the session's keeper then closes the socket as slow.
        """
        if self.gone or self.overflowed:
            metrics.DROPPED.inc()
            return
        if self.idle:
            self._start(frame)
        elif len(self._queue) >= QUEUE_FRAMES or self._queued_bytes >= QUEUE_BYTES:
            self.overflowed = True
            metrics.DROPPED.inc()
        else:
            self._queue.append(frame)
            self._queued_bytes += len(frame)

    def offer(self, frames: Sequence[str]) -> int:
        """Send as many of these as the transport has room for; how many were taken. The rest is the caller's."""
        taken = 0
        for frame in frames:
            if not self.idle:
                break
            self._start(frame)
            taken += 1
        return taken

    async def close(self, code: int, reason: str = "") -> None:
        """End the socket. Whatever still waits is dropped, so that the close frame need not wait behind it."""
        if self.gone:
            return
        self.drop()
        try:
            await self._send({"type": "websocket.close", "code": int(code), "reason": reason})
        except (OSError, RuntimeError):
            # The client hung up first: ASGI servers answer that with one or the other.
            return

    def drop(self) -> None:
        """Send nothing more: the client is gone, or is about to be."""
        self.gone = True
        metrics.DROPPED.inc(len(self._queue))
        self._queue.clear()
        self._queued_bytes = 0
        if self._in_flight is not None:
            self._in_flight.cancel()

    def _start(self, frame: str) -> None:
        metrics.FRAMES.inc()
        metrics.BYTES.inc(len(frame))
        sending = self._send({"type": "websocket.send", "text": frame}).__await__()
        try:
            waiting_for = next(sending)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            self.drop()
            return
        self._blocked_since = time.monotonic()
        self._in_flight = asyncio.get_running_loop().create_task(self._finish(sending, waiting_for))

    async def _finish(self, sending: Generator[Any, Any, None], waiting_for: Any) -> None:
        try:
            await _resume(sending, waiting_for)
            self._blocked_since = None
            while self._queue:
                frame = self._queue.popleft()
                self._queued_bytes -= len(frame)
                metrics.FRAMES.inc()
                metrics.BYTES.inc(len(frame))
                self._blocked_since = time.monotonic()
                await self._send({"type": "websocket.send", "text": frame})
                self._blocked_since = None
        except (OSError, RuntimeError):
            self.drop()
        finally:
            self._in_flight = None


@coroutine
def _resume(sending: Generator[Any, Any, None], waiting_for: Any) -> Generator[Any, Any, None]:
    """Carry on, inside a task, a coroutine that was started outside of one."""
    try:
        yield waiting_for
    except BaseException:
        sending.close()
        raise
    yield from sending
