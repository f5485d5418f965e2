"""Reading one's own notifications; nobody reads another user's."""

from typing import Any

from django.db.models import QuerySet

from accounts.domain.actor import Actor

from .models import Notification


def notifications_for(actor: Actor) -> QuerySet[Notification]:
    """The actor's own, newest first. An actor without a user (an API key's owner counts as one) has none."""
    return Notification.objects.for_actor(actor).filter(user_id=actor.user_id)


def unread_count(actor: Actor) -> int:
    """How many of the actor's notifications are unread."""
    return notifications_for(actor).filter(read_at=None).count()


def notification_shape(notification: Notification) -> dict[str, Any]:
    """A notification as the API and the sockets show it (JSON values only)."""
    return {
        "id": str(notification.pk),
        "kind": notification.kind,
        "title": notification.title,
        "body": notification.body,
        "link": notification.link,
        "created_at": notification.created_at.isoformat(),
        "read_at": notification.read_at.isoformat() if notification.read_at else None,
    }
