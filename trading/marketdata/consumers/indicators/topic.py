"""What sockets may say and hear about indicators."""

from collections.abc import Iterable
from math import isfinite

from accounts.domain.permissions import Permission
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub
from core.realtime.protocol import encode, event_frame, text_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message

from ...domain.candle_json import bar_time
from ...domain.indicators.live import Update
from ..followed import FollowedTopic, wants_batch
from .board import IndicatorBoard
from .request import IndicatorRequest, read_request


class IndicatorTopic(FollowedTopic[str, Update]):
    """Values of running indicators: the forming bar's conflated, a final one for each bar that closes."""

    name = "indicators"
    title = "Indicators"
    most = 50

    def __init__(self) -> None:
        super().__init__(ConflatingHub(self._encode, value_event="indicator_update", batch_event="indicators"))
        self._board = IndicatorBoard(begun=self._begin, tell=self._tell)
        self._requests: dict[str, IndicatorRequest] = {}

    def hub_keys(self, name: str) -> Iterable[str]:
        """Of its final and its forming values."""
        return _events(name)

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Follow one indicator; told its key, then its latest final and forming values at once."""
        session.actor.require(Permission.VIEW_MARKET)
        batch = wants_batch(message)
        request = await in_database(read_request, message)
        if request.key not in self.names_of(session):
            self.require_room(session, [request.key])
            await self._begin_for(session, request)
            if request.key not in self.names_of(session):
                # It left while the history was read.
                return
        session.send(event_frame("subscribed", topic=self.name, **request.labels))
        self.show(session, [request.key], batch=batch)

    async def _begin_for(self, session: SocketSession, request: IndicatorRequest) -> None:
        # Counted before the history is read, so that the computation is not dropped meanwhile.
        self.hold(session, [request.key])
        self._requests[request.key] = request
        try:
            await self._board.start(request)
        except BaseException:
            self.drop(session, [request.key])
            raise
        if not self.is_heard(request.key):
            self.unheard(request.key)

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop one indicator, named by its key or as it was subscribed to; all when the frame names none."""
        if "key" in message:
            self.drop(session, [text_field(message, "key", limit=500)])
        elif "indicator" in message or "symbol" in message:
            self.drop(session, [(await in_database(read_request, message)).key])
        else:
            self.drop(session)

    def unheard(self, name: str) -> None:
        """Compute it no longer."""
        self._requests.pop(name, None)
        self._board.stop(name)
        self._hub.forget(_events(name))

    def close(self) -> None:
        self._board.close()

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
