"""What the topics of the market have in common: values behind a hub, which clients follow by name."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from typing import ClassVar, Generic, TypeVar

from accounts.domain.permissions import Permission
from core.realtime import metrics
from core.realtime.hub import ConflatingHub, Follower
from core.realtime.protocol import ProtocolError, error_frame, event_frame
from core.realtime.session import SocketSession
from core.realtime.topics import Message, Topic

V = TypeVar("V")
N = TypeVar("N", bound=Hashable)


class FollowedTopic(Topic, Generic[N, V]):
    """A topic whose clients name what they follow; a name stands for one or several keys of the hub.

    Subclasses say what is followed in `title`, and how much of it one socket may in `most`.
    """

    title: ClassVar[str]
    most: ClassVar[int]

    def __init__(self, hub: ConflatingHub[V]) -> None:
        self._hub = hub
        self._followers: dict[SocketSession, Follower] = {}
        self._names: dict[SocketSession, set[N]] = {}
        self._heard: Counter[N] = Counter()

    @abstractmethod
    def hub_keys(self, name: N) -> Iterable[str]:
        """What the hub calls the values of a name."""

    def unheard(self, name: N) -> None:
        """Nobody follows a name any more: stop what was done for it."""
        return

    def names_of(self, session: SocketSession) -> Collection[N]:
        """What a client follows."""
        return self._names.get(session, ())

    def is_heard(self, name: N) -> bool:
        """Whether anybody follows a name."""
        return name in self._heard

    def require_room(self, session: SocketSession, names: Iterable[N]) -> None:
        """Refuse what would be more than one socket may follow."""
        held = self._names.get(session, set())
        if len(held.union(names)) > self.most:
            raise ProtocolError(
                "too_many_subscriptions", f"{self.most} {self.title.lower()} at most on one socket."
            )

    def hold(self, session: SocketSession, names: Iterable[N]) -> None:
        """Count a client among those who follow, before its values are there."""
        held = self._names.setdefault(session, set())
        added = set(names) - held
        held |= added
        self._heard.update(added)
        metrics.SUBSCRIPTIONS.labels(topic=self.name).inc(len(added))
        if not held:
            del self._names[session]

    def show(self, session: SocketSession, names: Iterable[N], *, batch: bool | None = None) -> None:
        """Send a client the values of what it holds: the latest at once, then whatever changes."""
        keys = [key for name in names for key in self.hub_keys(name)]
        if not keys:
            return
        follower = self._followers.setdefault(session, Follower(session.writer))
        if batch is not None:
            follower.batch = batch
        self._hub.follow(follower, keys)

    def drop(self, session: SocketSession, names: Iterable[N] | None = None) -> None:
        """End what a client follows of these names; all of it when none are given."""
        held = self._names.get(session)
        if held is None:
            return
        ended = set(held) if names is None else held.intersection(names)
        held -= ended
        metrics.SUBSCRIPTIONS.labels(topic=self.name).dec(len(ended))
        follower = self._followers.get(session)
        if follower is not None:
            self._hub.unfollow(follower, [key for name in ended for key in self.hub_keys(name)])
            if not follower.keys:
                del self._followers[session]
        if not held:
            del self._names[session]
        for name in ended:
            self._heard[name] -= 1
            if not self._heard[name]:
                del self._heard[name]
                self.unheard(name)

    def leave(self, session: SocketSession) -> None:
        self.drop(session)

    async def recheck(self, session: SocketSession) -> None:
        """End everything of a caller who may no longer see the market."""
        if session in self._names and not session.actor.may(Permission.VIEW_MARKET):
            self.drop(session)
            detail = f"{self.title} ended."
            session.send(event_frame("error", code="permission_denied", detail=detail, topic=self.name))


def wants_batch(message: Message) -> bool | None:
    """Whether a client wants lists of values; None where it does not say."""
    batch = message.get("batch")
    if batch is not None and not isinstance(batch, bool):
        raise ProtocolError("bad_field", "batch must be true or false.")
    return batch


def unknown_symbols(topic: str, symbols: list[str]) -> str:
    """The error frame for symbols that name no instrument."""
    return error_frame("unknown_symbol", "No such instrument.", {"topic": topic, "symbols": symbols})
