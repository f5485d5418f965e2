"""The shape of a notification in the API."""

from typing import Any

from rest_framework import serializers

from .models import NotificationKind


class NotificationSerializer(serializers.Serializer[dict[str, Any]]):
    """A notification as the API shows it."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    link = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
