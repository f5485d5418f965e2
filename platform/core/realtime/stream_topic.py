"""Topics over the ordered streams of `core.streams`: snapshot first, then every event once, in order.

The bus only rings. What the client has been sent is known as (epoch, seq); a gap is filled from the table, and
what can no longer be had is replaced by a fresh snapshot after a `reset` frame.
"""

import asyncio
import logging
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
from django.db import DatabaseError, InterfaceError

from core import streams
from core.errors import SaudaError
from core.realtime import metrics
from core.realtime.bridge import follow_bus
from core.realtime.database import in_tenant
from core.realtime.protocol import CloseCode, ProtocolError, error_frame_for, event_frame
from core.realtime.session import SocketSession
from core.realtime.topics import Message, Topic
from core.streams import Position, StreamMessage

logger = logging.getLogger(__name__)

MAX_STREAMS_PER_SOCKET = 50
SWEEP_SECONDS = 10.0
# More rings than this while a snapshot is read: drop them, the table has them all.
MAX_PENDING = 1000

_EMPTY = Position(epoch="", seq=0)


@dataclass(eq=False, slots=True)
class _Follower:
    """One session's place in one stream. `started` is where it began to be sent live events."""

    session: SocketSession
    key: str
    position: Position = _EMPTY
    started: Position = _EMPTY
    catching_up: bool = True
    ended: bool = False
    pending: list[StreamMessage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A snapshot and the position it is at least as new as."""

    position: Position
    data: Any


class StreamTopic(Topic):
    """A topic whose keys (an account, a user) each have one ordered stream.

    Subclasses name `key_field`, the field of the client's frame that carries the key; empty means that the key
    follows from the caller alone.
    """

    key_field: ClassVar[str] = ""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._followers: dict[str, dict[SocketSession, _Follower]] = {}
        self._streams_of: dict[SocketSession, set[str]] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe = follow_bus(streams.CHANNEL, self._message_for_us, self._ring)

    @abstractmethod
    def key_of(self, actor: Any, message: Message) -> str:
        """Which stream of the topic a frame means. Raises `ProtocolError` or `SaudaError`."""

    @abstractmethod
    def authorise(self, actor: Any, key: str) -> None:
        """Raise `NotFound` or `PermissionDenied` unless the actor may see it. Reads the database."""

    @abstractmethod
    def snapshot(self, actor: Any, key: str) -> Any:
        """The present state as JSON values, None for a topic without one. Reads the database."""

    def stream_of(self, key: str) -> str:
        """The name of the stream in `core.streams`."""
        return f"{self.name}:{key}"

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Send the snapshot, then whatever happens."""
        follower = await self._join(session, self.key_of(session.actor, message))
        await self._start_afresh(follower, reset=False)

    async def resume(self, session: SocketSession, message: Message) -> None:
        """Send what came after (epoch, seq), then go on live; a snapshot when that cannot be had."""
        wanted = _position_of(message)
        key = self.key_of(session.actor, message)
        known = self._followers.get(self.stream_of(key), {}).get(session)
        if known is not None:
            await self._replay(known, wanted, until=known.started)
            return
        follower = await self._join(session, key)
        follower.position = follower.started = wanted
        await self._catch_up(follower)

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Send no more of this stream."""
        self._forget(session, self.stream_of(self.key_of(session.actor, message)))

    def leave(self, session: SocketSession) -> None:
        for stream in list(self._streams_of.get(session, ())):
            self._forget(session, stream)

    async def recheck(self, session: SocketSession) -> None:
        """End the streams that the actor may no longer see; on a socket for just one, that ends the socket."""
        for stream in list(self._streams_of.get(session, ())):
            follower = self._followers.get(stream, {}).get(session)
            if follower is None:
                continue
            try:
                await in_tenant(session.actor.organisation_id, self.authorise, session.actor, follower.key)
            except SaudaError as error:
                self._forget(session, stream)
                session.send(error_frame_for(error, self._about(follower)))
                if session.single_topic:
                    await session.close(CloseCode.FORBIDDEN, "no longer permitted")

    def close(self) -> None:
        self._unsubscribe()

    async def _join(self, session: SocketSession, key: str) -> _Follower:
        stream = self.stream_of(key)
        mine = self._streams_of.get(session, set())
        if len(mine) >= MAX_STREAMS_PER_SOCKET and stream not in mine:
            raise ProtocolError("too_many_subscriptions", f"{MAX_STREAMS_PER_SOCKET} streams at most.")
        await in_tenant(session.actor.organisation_id, self.authorise, session.actor, key)
        self._forget(session, stream)
        follower = _Follower(session, key)
        metrics.SUBSCRIPTIONS.labels(topic=self.name).inc()
        # Followed before the snapshot is read: what happens meanwhile waits in `pending`.
        self._followers.setdefault(stream, {})[session] = follower
        self._streams_of.setdefault(session, set()).add(stream)
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = self._start(self._sweep())
        return follower

    def _forget(self, session: SocketSession, stream: str) -> None:
        followers = self._followers.get(stream, {})
        follower = followers.pop(session, None)
        if follower is None:
            return
        follower.ended = True
        metrics.SUBSCRIPTIONS.labels(topic=self.name).dec()
        if not followers:
            del self._followers[stream]
        mine = self._streams_of[session]
        mine.discard(stream)
        if not mine:
            del self._streams_of[session]

    async def _start_afresh(self, follower: _Follower, *, reset: bool) -> None:
        session = follower.session
        fresh = await in_tenant(session.actor.organisation_id, self._read_fresh, session.actor, follower.key)
        if follower.ended:
            return
        if reset:
            session.send(event_frame("reset", **self._about(follower)))
        follower.position = follower.started = fresh.position
        if fresh.data is not None:
            session.send(self._frame(follower, "snapshot", fresh.position, fresh.data))
        self._go_live(follower)

    def _read_fresh(self, actor: Any, key: str) -> _Fresh:
        # The position first: an event that falls between the two reads is then sent again, never left out.
        position = streams.head(self.stream_of(key)) or _EMPTY
        return _Fresh(position, self.snapshot(actor, key))

    async def _catch_up(self, follower: _Follower) -> None:
        """From the follower's position to the present, from the table."""
        follower.catching_up = True
        try:
            missed = await self._read_after(follower, follower.position)
            if missed is None:
                await self._start_afresh(follower, reset=True)
                return
        except (SaudaError, DatabaseError, InterfaceError):
            # Live again with the gap still open: the next ring or sweep finds it and tries once more.
            follower.pending.clear()
            follower.catching_up = False
            raise
        for message in missed:
            self._post(follower, message)
        self._go_live(follower)

    async def _replay(self, follower: _Follower, wanted: Position, *, until: Position) -> None:
        """What lies between a resume point and where this socket started; later events it was sent already."""
        missed = await self._read_after(follower, wanted)
        if missed is None:
            follower.catching_up = True
            await self._start_afresh(follower, reset=True)
            return
        for message in missed:
            if message.seq <= until.seq:
                follower.session.send(self._event(follower, message))

    async def _read_after(self, follower: _Follower, position: Position) -> list[StreamMessage] | None:
        stream = self.stream_of(follower.key)

        def read() -> list[StreamMessage] | None:
            start = position
            if not start.epoch:
                now = streams.head(stream)
                if now is None:
                    return []
                start = Position(now.epoch, 0)
            return streams.read_after(stream, start)

        return await in_tenant(follower.session.actor.organisation_id, read)

    def _go_live(self, follower: _Follower) -> None:
        pending, follower.pending = follower.pending, []
        follower.catching_up = False
        for message in pending:
            # What does not follow even now came out of turn, or behind a lost ring: the sweep will tell.
            if _follows(follower.position, message):
                self._post(follower, message)

    def _message_for_us(self, ring: bytes) -> StreamMessage | None:
        # A look from the bus thread, so that other topics' events do not wake the loop.
        message = msgspec.msgpack.decode(ring, type=StreamMessage)
        return message if message.stream in self._followers else None

    def _ring(self, message: StreamMessage) -> None:
        for follower in list(self._followers.get(message.stream, {}).values()):
            self._deliver(follower, message)

    def _deliver(self, follower: _Follower, message: StreamMessage) -> None:
        if follower.catching_up:
            if len(follower.pending) < MAX_PENDING:
                follower.pending.append(message)
            return
        position = follower.position
        if message.epoch == position.epoch and message.seq <= position.seq:
            return
        if _follows(position, message):
            self._post(follower, message)
            return
        follower.catching_up = True
        follower.pending.append(message)
        self._start(self._catch_up(follower))

    def _post(self, follower: _Follower, message: StreamMessage) -> None:
        if follower.ended:
            return
        follower.position = Position(message.epoch, message.seq)
        follower.session.send(self._event(follower, message))

    def _event(self, follower: _Follower, message: StreamMessage) -> str:
        return self._frame(follower, message.name, Position(message.epoch, message.seq), message.data)

    def _frame(self, follower: _Follower, event: str, position: Position, data: Any) -> str:
        return event_frame(event, **self._about(follower), epoch=position.epoch, seq=position.seq, data=data)

    def _about(self, follower: _Follower) -> dict[str, str]:
        about = {"topic": self.name}
        if self.key_field:
            about[self.key_field] = follower.key
        return about

    async def _sweep(self) -> None:
        """Find what a lost ring left unsent: without this, the last event of a stream could wait for ever."""
        while self._followers:
            await asyncio.sleep(SWEEP_SECONDS)
            for followers in list(self._followers.values()):
                for follower in list(followers.values()):
                    if not follower.catching_up:
                        await self._look_behind(follower)

    async def _look_behind(self, follower: _Follower) -> None:
        stream = self.stream_of(follower.key)
        now = await in_tenant(follower.session.actor.organisation_id, streams.head, stream) or _EMPTY
        if now != follower.position and not follower.catching_up and now.seq > follower.position.seq:
            logger.info("a ring was lost", extra={"stream": stream})
            await self._catch_up(follower)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a stream follower failed", exc_info=error)


def _follows(position: Position, message: StreamMessage) -> bool:
    """Whether the message is the very next one; a position without an epoch is before the first of any."""
    return message.seq == position.seq + 1 and position.epoch in ("", message.epoch)


def _position_of(message: Message) -> Position:
    epoch, seq = message.get("epoch"), message.get("seq")
    if not isinstance(epoch, str) or not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**53:
        raise ProtocolError("bad_field", "resume needs the epoch (text) and seq (whole number) last received.")
    return Position(epoch, seq)
