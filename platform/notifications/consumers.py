"""The `notifications` topic: what one user is told, as it happens. Older ones are read through the API."""

from typing import Any

from accounts.domain.actor import Actor
from core.errors import PermissionDenied
from core.realtime.stream_topic import StreamTopic
from core.realtime.topics import Message

from .services import stream_of


class NotificationTopic(StreamTopic):
    """The caller's own notifications in the organisation they act in."""

    name = "notifications"

    def key_of(self, actor: Actor, message: Message) -> str:
        if actor.user_id is None:
            raise PermissionDenied("Only a user has notifications.")
        return stream_of(organisation_id=actor.organisation_id, user_id=actor.user_id).partition(":")[2]

    def authorise(self, actor: Actor, key: str) -> None:
        """Everybody may follow their own; the key is made from the actor and never from the frame."""

    def snapshot(self, actor: Actor, key: str) -> Any:
        """None: there is no state to start from, only what comes next."""
        return None
