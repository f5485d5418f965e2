"""The shape of requests for market data."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField

from .domain.bars import Interval
from .selectors import MOST_CANDLES

MOST_SYMBOLS = 200
DEFAULT_CANDLES = 1_000
_LONGEST_SPAN = timedelta(days=366 * 20)


class QuotesQuery(serializers.Serializer[dict[str, Any]]):
    symbols = serializers.CharField(max_length=MOST_SYMBOLS * 48)

    def validate_symbols(self, value: str) -> list[str]:
        """Distinct keys in the order asked for."""
        keys = list(dict.fromkeys(key.strip().upper() for key in value.split(",") if key.strip()))
        if not 1 <= len(keys) <= MOST_SYMBOLS:
            raise serializers.ValidationError(f"Ask for 1 to {MOST_SYMBOLS} symbols.")
        return keys


class CandlesQuery(serializers.Serializer[dict[str, Any]]):
    interval = serializers.ChoiceField(choices=[each.value for each in Interval], default=Interval.M1.value)
    to = InstantField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_CANDLES, default=DEFAULT_CANDLES)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": InstantField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A span has its start before its end."""
        start, end = attrs.get("from"), attrs.get("to")
        if start and end and not timedelta(0) < end - start <= _LONGEST_SPAN:
            raise serializers.ValidationError({"from": ["Must be before `to`, by 20 years at most."]})
        return attrs
