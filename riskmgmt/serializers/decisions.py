"""What gates decided, and what was breached."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField
from core.api.reading import SpanQuery

from .fields import strategy_field


class DecisionsQuery(SpanQuery):
    """Filters of decisions."""

    account = serializers.UUIDField(required=False)
    order = serializers.UUIDField(required=False)
    allowed = serializers.BooleanField(required=False, allow_null=True, default=None)
    gate = serializers.CharField(required=False, max_length=30)
    code = serializers.CharField(required=False, max_length=40)
    symbol = serializers.CharField(required=False, max_length=64)
    strategy = strategy_field("")


class RiskDecisionSerializer(serializers.Serializer[dict[str, Any]]):
    """One gate's decision of one order."""

    id = serializers.IntegerField()
    order = serializers.UUIDField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    strategy = serializers.CharField(allow_blank=True)
    gate = serializers.CharField()
    allowed = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField()
    limit = serializers.CharField(allow_blank=True)
    used = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class BreachesQuery(serializers.Serializer[Any]):
    """Which part of the history."""

    account = serializers.UUIDField(required=False)
    before = InstantField(required=False, help_text="Only what happened before; `next` sets it.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)


class BreachSerializer(serializers.Serializer[Any]):
    """A refused order, a change of a trading state, or a move of a circuit breaker."""

    kind = serializers.ChoiceField(choices=["REFUSAL", "STATE", "BREAKER"])
    at = serializers.DateTimeField()
    account = serializers.UUIDField(allow_null=True)
    account_name = serializers.CharField(allow_blank=True)
    code = serializers.CharField(help_text="The refusal's code, or the new state.")
    message = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)
    order = serializers.UUIDField(allow_null=True)
    symbol = serializers.CharField(allow_blank=True)
    strategy = serializers.CharField(allow_blank=True)
    limit = serializers.CharField(allow_blank=True)
    used = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class BreachesSerializer(serializers.Serializer[Any]):
    """A page of the history."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = BreachSerializer(many=True)
