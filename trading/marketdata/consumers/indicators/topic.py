"""What sockets may say and hear about indicators."""

from collections.abc import Iterable
from math import isfinite

from accounts.domain.permissions import Permission
from core.realtime import metrics
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub, Follower
from core.realtime.protocol import ProtocolError, encode, event_frame, text_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message, Topic

from ...domain.candle_json import bar_time
from ...domain.indicators.live import Update
from .board import IndicatorBoard
from .request import IndicatorRequest, read_request

MOST_FOLLOWED = 50
"""Indicators on one socket."""


class IndicatorTopic(Topic):
    """Values of running indicators: the forming bar's conflated, a final one for each bar that closes."""

    name = "indicators"

    def __init__(self) -> None:
        self._hub: ConflatingHub[Update] = ConflatingHub(
            self._encode, value_event="indicator_update", batch_event="indicators"
        )
        self._board = IndicatorBoard(begun=self._begin, tell=self._tell)
        self._requests: dict[str, IndicatorRequest] = {}
        self._listeners: dict[str, set[SocketSession]] = {}
        self._followers: dict[SocketSession, Follower] = {}

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Follow one indicator; told its key, then its latest final and forming values at once."""
        session.actor.require(Permission.VIEW_MARKET)
        batch = message.get("batch")
        if batch is not None and not isinstance(batch, bool):
            raise ProtocolError("bad_field", "batch must be true or false.")
        request = await in_database(read_request, message)
        listeners = self._listeners.setdefault(request.key, set())
        if session in listeners:
            session.send(event_frame("subscribed", topic=self.name, **request.labels))
            return
        if sum(session in each for each in self._listeners.values()) >= MOST_FOLLOWED:
            self._drop_if_unheard(request.key)
            raise ProtocolError("too_many_subscriptions", f"{MOST_FOLLOWED} indicators at most on one socket.")
        # Counted before the history is read, so that the computation is not dropped meanwhile.
        listeners.add(session)
        self._requests[request.key] = request
        try:
            await self._board.start(request)
        except BaseException:
            listeners.discard(session)
            self._drop_if_unheard(request.key)
            raise
        if session not in self._listeners.get(request.key, ()):
            # It left while the history was read.
            self._drop_if_unheard(request.key)
            return
        session.send(event_frame("subscribed", topic=self.name, **request.labels))
        follower = self._followers.setdefault(session, Follower(session.writer))
        if batch is not None:
            follower.batch = batch
        self._hub.follow(follower, _events(request.key))
        metrics.SUBSCRIPTIONS.labels(topic=self.name).inc()

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop one indicator, named by its key or as it was subscribed to; all when the frame names none."""
        if "key" in message:
            self._drop(session, [text_field(message, "key", limit=500)])
        elif "indicator" in message or "symbol" in message:
            self._drop(session, [(await in_database(read_request, message)).key])
        else:
            self._drop(session, self._followed_by(session))

    def leave(self, session: SocketSession) -> None:
        self._drop(session, self._followed_by(session))

    async def recheck(self, session: SocketSession) -> None:
        """End the indicators of a caller who may no longer see the market."""
        followed = self._followed_by(session)
        if followed and not session.actor.may(Permission.VIEW_MARKET):
            self._drop(session, followed)
            session.send(
                event_frame("error", code="permission_denied", detail="Indicators ended.", topic=self.name)
            )

    def close(self) -> None:
        self._board.close()

    def _followed_by(self, session: SocketSession) -> list[str]:
        return [key for key, listeners in self._listeners.items() if session in listeners]

    def _drop(self, session: SocketSession, keys: Iterable[str]) -> None:
        follower = self._followers.get(session)
        for key in keys:
            listeners = self._listeners.get(key, set())
            if session not in listeners:
                continue
            listeners.discard(session)
            if follower is not None and follower.keys.intersection(_events(key)):
                self._hub.unfollow(follower, _events(key))
                metrics.SUBSCRIPTIONS.labels(topic=self.name).dec()
            self._drop_if_unheard(key)
        if follower is not None and not follower.keys:
            del self._followers[session]

    def _drop_if_unheard(self, key: str) -> None:
        if not self._listeners.get(key):
            self._listeners.pop(key, None)
            self._requests.pop(key, None)
            self._board.stop(key)
            self._hub.forget(_events(key))

    def _begin(self, updates: Iterable[Update]) -> None:
        """What a new computation says first: for those who follow it in a moment, nobody else."""
        self._hub.prime({_events(each.key)[0 if each.final else 1]: each for each in updates})

    def _tell(self, updates: Iterable[Update]) -> None:
        """Final and forming values go under names of their own, so that conflation loses no final one."""
        changed: dict[str, Update] = {}
        for update in updates:
            final, forming = _events(update.key)
            if update.final:
                self._hub.forget([forming])
                changed.pop(forming, None)
            changed[final if update.final else forming] = update
        if changed:
            self._hub.update(changed)

    def _encode(self, update: Update) -> str:
        values = {name: value if isfinite(value) else None for name, value in update.values.items()}
        return encode(
            {
                **self._requests[update.key].labels,
                "time": bar_time(update.time),
                "values": values,
                "final": update.final,
            }
        )


def _events(key: str) -> tuple[str, str]:
    """The hub's names for a computation's final and forming values."""
    return f"{key}|final", f"{key}|forming"
