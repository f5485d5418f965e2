"""Tokens for charting clients in the API."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField

from ..models import DatafeedToken


class DatafeedTokenSerializer(serializers.Serializer[DatafeedToken]):
    """A token without its text."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The token's first characters")
    user = serializers.CharField(source="user.email")
    created_at = InstantField()
    last_used_at = InstantField(allow_null=True)
    revoked_at = InstantField(allow_null=True)


class DatafeedTokenCreatedSerializer(DatafeedTokenSerializer):
    """A token with its text, this once."""

    token = serializers.CharField()
    url = serializers.CharField(help_text="The address a charting client is given")


class DatafeedTokenInput(serializers.Serializer[Any]):
    """What a new token is called."""

    name = serializers.CharField(max_length=80)
