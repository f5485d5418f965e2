"""Fields that several inputs of risk share."""

from rest_framework import serializers

from ..models.scope import STRATEGY_LENGTH


def account_field(text: str) -> serializers.UUIDField:
    return serializers.UUIDField(required=False, allow_null=True, help_text=text)


def strategy_field(text: str) -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, default="", max_length=STRATEGY_LENGTH, help_text=text
    )
