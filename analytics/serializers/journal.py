"""The journal in the API."""

import base64
import binascii
from typing import Any

from rest_framework import serializers

from analytics.domain.pictures import MOST_BYTES
from analytics.models import JournalEntry, JournalPicture
from analytics.models.journal import TAG_LENGTH, TEXT_LENGTH
from analytics.services import JournalNote
from analytics.services.journal import MOST_TAGS, TITLE_LENGTH


class JournalQuery(serializers.Serializer[Any]):
    """Which entries."""

    account = serializers.UUIDField(required=False)
    tag = serializers.CharField(required=False, max_length=TAG_LENGTH, default="")
    symbol = serializers.CharField(required=False, max_length=60, default="")
    q = serializers.CharField(
        required=False, max_length=200, default="", help_text="Words of the title, text, tags or symbol."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            **super().get_fields(),
            "from": serializers.DateField(required=False),
            "to": serializers.DateField(required=False),
        }


class JournalInput(serializers.Serializer[Any]):
    """What an entry says."""

    day = serializers.DateField()
    title = serializers.CharField(max_length=TITLE_LENGTH)
    text = serializers.CharField(max_length=TEXT_LENGTH, required=False, allow_blank=True, default="")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=TAG_LENGTH), max_length=MOST_TAGS, required=False, default=list
    )
    rating = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True, default=None)
    symbol = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    opened_by = serializers.UUIDField(required=False, allow_null=True, default=None)
    closed_by = serializers.UUIDField(required=False, allow_null=True, default=None)


class NewJournalInput(JournalInput):
    """A new entry, and of which account."""

    account = serializers.UUIDField()


class PictureInput(serializers.Serializer[Any]):
    """A picture: PNG, JPEG or WebP, base64."""

    content = serializers.CharField(max_length=MOST_BYTES * 2, trim_whitespace=False)
    caption = serializers.CharField(max_length=TITLE_LENGTH, required=False, allow_blank=True, default="")

    def validate_content(self, value: str) -> bytes:
        """The bytes."""
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("Not base64.") from error


class PictureSerializer(serializers.Serializer[Any]):
    """A picture without its bytes."""

    id = serializers.UUIDField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    caption = serializers.CharField(allow_blank=True)


class JournalSerializer(serializers.Serializer[Any]):
    """An entry."""

    id = serializers.UUIDField()
    account = serializers.UUIDField()
    author = serializers.CharField()
    day = serializers.DateField()
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    rating = serializers.IntegerField(allow_null=True)
    symbol = serializers.CharField(allow_null=True)
    opened_by = serializers.UUIDField(allow_null=True)
    closed_by = serializers.UUIDField(allow_null=True)
    pictures = PictureSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def note_of(values: dict[str, Any]) -> JournalNote:
    """The note of a body."""
    said = {name: value for name, value in values.items() if name != "account"}
    return JournalNote(**(said | {"tags": tuple(said["tags"])}))


def picture_shape(picture: JournalPicture) -> dict[str, Any]:
    """A picture without its bytes."""
    return {
        "id": picture.id,
        "content_type": picture.content_type,
        "size": picture.size,
        "width": picture.width,
        "height": picture.height,
        "caption": picture.caption,
    }


def entry_shape(entry: JournalEntry) -> dict[str, Any]:
    """An entry that `journal_for` read."""
    return {
        "id": entry.id,
        "account": entry.account_id,
        "author": entry.author.email,
        "day": entry.day,
        "title": entry.title,
        "text": entry.text,
        "tags": [tag.name for tag in entry.tags.all()],
        "rating": entry.rating,
        "symbol": entry.instrument.key if entry.instrument else None,
        "opened_by": entry.opened_by,
        "closed_by": entry.closed_by,
        "pictures": [picture_shape(picture) for picture in entry.pictures.all()],
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
    }
