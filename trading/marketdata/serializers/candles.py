"""Candles in the API."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField
from core.api.reading import names_in
from trading.instruments.models import CorporateAction

from ..domain.bars import Interval
from ..selectors import MOST_CANDLES, SHARE_CHANGES

DEFAULT_CANDLES = 1_000
_LONGEST_SPAN = timedelta(days=366 * 20)


class AdjustedField(serializers.CharField):
    """`false`, `true` (splits and bonuses), or the kinds of corporate actions to adjust for, by commas."""

    def get_default(self) -> Any:
        """Read like what a caller sends, which a default is not by itself."""
        return self.to_internal_value(super().get_default())

    def to_internal_value(self, data: Any) -> Any:
        """The kinds of corporate actions; none for an unadjusted series."""
        text = str(super().to_internal_value(data)).lower()
        if text in ("true", "false"):
            return SHARE_CHANGES if text == "true" else frozenset()
        return frozenset(CorporateAction.Kind(name) for name in names_in(text, CorporateAction.Kind.values))


class CandlesSerializer(serializers.Serializer[object]):
    """Candles of one instrument as rows."""

    symbol = serializers.CharField()
    interval = serializers.ChoiceField(choices=[each.value for each in Interval])
    candles = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="[time, open, high, low, close, volume, oi], ascending; time is the bar's start",
    )


class CandlesQuery(serializers.Serializer[dict[str, Any]]):
    """Which candles are asked for: those that begin in [from, to), at most `limit` of the latest."""

    interval = serializers.ChoiceField(choices=[each.value for each in Interval], default=Interval.M1.value)
    to = InstantField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_CANDLES, default=DEFAULT_CANDLES)
    adjusted = AdjustedField(default="false")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": InstantField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A span has its start before its end."""
        start, end = attrs.get("from"), attrs.get("to")
        if start and end and not timedelta(0) < end - start <= _LONGEST_SPAN:
            raise serializers.ValidationError({"from": ["Must be before `to`, by 20 years at most."]})
        return attrs
