"""What can be subscribed to. Apps provide topics and settings name them, so this package knows no business noun."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from core.realtime.protocol import ProtocolError

if TYPE_CHECKING:
    from core.realtime.session import SocketSession

Message = Mapping[str, Any]


class Topic(ABC):
    """One kind of subscription; made once for all sockets of an event loop, and living on that loop.

    Methods that take a client's message may raise `ProtocolError` or any `SaudaError`: the client gets an error
    frame and the socket stays open.
    """

    name: ClassVar[str]

    @abstractmethod
    async def subscribe(self, session: "SocketSession", message: Message) -> None:
        """Start to send; a repeated subscription adds to the first."""

    @abstractmethod
    async def unsubscribe(self, session: "SocketSession", message: Message) -> None:
        """Send no more."""

    async def resume(self, session: "SocketSession", message: Message) -> None:
        """Go on from where a dropped socket stopped."""
        raise ProtocolError("unknown_action", f"{self.name} has nothing to resume; subscribe again.")

    @abstractmethod
    def leave(self, session: "SocketSession") -> None:
        """The socket is gone: forget it. Must not raise."""

    async def recheck(self, session: "SocketSession") -> None:
        """The session's actor was loaded anew: end what it may no longer see."""
        return

    def close(self) -> None:
        """The loop is done with: let go of what was subscribed outside of it."""
        return
