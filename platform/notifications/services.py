"""Telling users things. The row is the notification; the socket only rings."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.domain.actor import Actor
from core import streams
from core.clock import wall_now
from core.db import writes
from core.errors import NotFound

from .models import Notification, NotificationKind
from .selectors import notification_shape, notifications_for


def stream_of(*, organisation_id: UUID, user_id: UUID) -> str:
    """The name of a user's event stream in one organisation; a stream's rows belong to exactly one tenant."""
    return f"notifications:{organisation_id.hex}:{user_id.hex}"


def notification_send(
    *,
    organisation_id: UUID,
    user_id: UUID,
    kind: NotificationKind,
    title: str,
    body: str = "",
    link: str = "",
) -> Notification:
    """Write a notification and its stream event. Call inside the transaction of what it tells of."""
    notification = Notification(
        organisation_id=organisation_id, user_id=user_id, kind=kind, title=title[:120], body=body[:400], link=link
    )
    writes.insert(notification)
    stream = stream_of(organisation_id=organisation_id, user_id=user_id)
    streams.append(stream, kind, notification_shape(notification), organisation_id=organisation_id)
    return notification


def notification_read(*, actor: Actor, notification_id: UUID) -> Notification:
    """Mark one of the actor's own notifications as read; reading twice changes nothing."""
    with transaction.atomic():
        notification = notifications_for(actor).select_for_update().filter(pk=notification_id).first()
        if notification is None:
            raise NotFound("There is no such notification.")
        if notification.read_at is None:
            notification.read_at = wall_now()
            notification.save(update_fields=["read_at"])
    return notification


def notifications_read_all(*, actor: Actor) -> int:
    """Mark all of the actor's notifications as read; returns how many were unread."""
    return notifications_for(actor).filter(Q(read_at=None)).update(read_at=wall_now())
