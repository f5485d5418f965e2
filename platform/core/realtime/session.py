"""One socket from accept to close: reads actions, hands them to topics, answers what is wrong."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.errors import SaudaError
from core.realtime import metrics
from core.realtime.identity import Identity
from core.realtime.protocol import (
    CloseCode,
    ProtocolError,
    decode_action,
    error_frame,
    error_frame_for,
    event_frame,
    text_field,
)
from core.realtime.topics import Message, Topic
from core.realtime.writer import SocketWriter

Receive = Callable[[], Awaitable[dict[str, Any]]]

ACTIONS_PER_SECOND = 20.0
ACTIONS_BURST = 200.0


class SocketSession:
    """The state of one socket.

    Args:
        topics: what may be asked for here, by name; a path for one topic offers just that one.
        implied: fields that the path itself gives, such as the account; they win over the frame's.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        writer: SocketWriter,
        topics: Mapping[str, Topic],
        implied: Mapping[str, str],
        address: str,
    ) -> None:
        self.identity = identity
        self.writer = writer
        self.address = address
        self.close_code: CloseCode | None = None
        self._topics = topics
        self.implied = implied
        self._allowance = ACTIONS_BURST
        self._refilled_at = time.monotonic()
        self._pinged_at = self.checked_at = time.monotonic()

    @property
    def actor(self) -> Any:
        """Who is at the other end; an app's topics know it as `accounts.domain.actor.Actor`."""
        return self.identity.actor

    @property
    def single_topic(self) -> bool:
        """Whether the path was for one topic, so that losing it ends the socket."""
        return bool(self.implied)

    def send(self, frame: str) -> None:
        """Send a frame that must arrive, in order."""
        self.writer.post(frame)

    async def run(self, receive: Receive) -> None:
        """Serve the client's frames until either side hangs up."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if not self._within_rate():
                await self.close(CloseCode.TOO_MANY, "too many actions")
                return
            await self.handle_text(message.get("text"))

    async def handle_text(self, text: str | None) -> None:
        """Serve one frame; whatever is wrong with it is answered."""
        try:
            message = decode_action(text)
        except ProtocolError as error:
            self.send(error_frame(error.code, error.detail))
            return
        await self.handle({**message, **self.implied})

    async def handle(self, message: Message) -> bool:
        """Serve one action; False when it was answered by an error frame."""
        about = {name: message[name] for name in ("topic", "account") if isinstance(message.get(name), str)}
        try:
            await self._dispatch(message)
        except ProtocolError as error:
            self.send(error_frame(error.code, error.detail, about))
            return False
        except SaudaError as error:
            self.send(error_frame_for(error, about))
            return False
        return True

    async def _dispatch(self, message: Message) -> None:
        match message["action"]:
            case "ping":
                self.send(event_frame("pong"))
            case "pong":
                return
            case "subscribe":
                await self._topic(message).subscribe(self, message)
            case "unsubscribe":
                await self._topic(message).unsubscribe(self, message)
            case "resume":
                await self._topic(message).resume(self, message)
            case _:
                raise ProtocolError("unknown_action", "Known actions: subscribe, unsubscribe, resume, ping, pong.")

    def _topic(self, message: Message) -> Topic:
        topic = self._topics.get(text_field(message, "topic"))
        if topic is None:
            raise ProtocolError("unknown_topic", f"Known topics here: {', '.join(sorted(self._topics))}.")
        return topic

    def _within_rate(self) -> bool:
        now = time.monotonic()
        refill = (now - self._refilled_at) * ACTIONS_PER_SECOND
        self._allowance = min(ACTIONS_BURST, self._allowance + refill) - 1
        self._refilled_at = now
        return self._allowance >= 0

    def ping_if_due(self, now: float, every: float) -> None:
        """Send the heartbeat by which a browser tells a quiet market from a dead line."""
        if now - self._pinged_at >= every and self.writer.idle:
            self._pinged_at = now
            self.send(event_frame("ping"))

    async def recheck(self, renewed: Identity | None) -> None:
        """Go on as `renewed`, or end the socket when the caller's proof no longer holds."""
        self.checked_at = time.monotonic()
        if renewed is None:
            await self.close(CloseCode.NOT_AUTHENTICATED, "no longer authenticated")
            return
        self.identity = renewed
        for topic in self._topics.values():
            await topic.recheck(self)

    async def close(self, code: CloseCode, reason: str) -> None:
        """End the socket from this side, once."""
        if self.close_code is not None or self.writer.gone:
            return
        self.close_code = code
        metrics.CLOSED.labels(code=str(int(code))).inc()
        await self.writer.close(code, reason)

    def leave(self) -> None:
        """Forget the socket everywhere; nothing is sent after this."""
        self.writer.drop()
        for topic in self._topics.values():
            topic.leave(self)
