"""What charting clients ask the TradingView datafeed for."""

from typing import Any

from rest_framework import serializers

from ..domain.udf.resolution import Resolution
from ..domain.udf.symbol import TYPES
from ..selectors import MOST_CANDLES
from .quotes import QuotesQuery

_SYMBOL_LENGTH = 44
_WORDS = sorted({word for word, _ in TYPES.values()})
_END_OF_TIME = 4_102_444_800
"""1 January 2100, in Unix seconds."""


class SymbolQuery(serializers.Serializer[Any]):
    """One instrument."""

    symbol = serializers.CharField(max_length=_SYMBOL_LENGTH)


class SearchQuery(serializers.Serializer[Any]):
    """Words, and what to narrow the matches to."""

    query = serializers.CharField(max_length=60, allow_blank=True, default="")
    type = serializers.ChoiceField(choices=_WORDS, allow_blank=True, default="")
    exchange = serializers.CharField(max_length=8, allow_blank=True, default="")
    limit = serializers.IntegerField(min_value=1, max_value=100, default=30)


class BarsQuery(SymbolQuery):
    """A span of bars, [from, to) in Unix seconds."""

    resolution = serializers.CharField(max_length=4)
    to = serializers.IntegerField(min_value=0, max_value=_END_OF_TIME)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": serializers.IntegerField(min_value=0, max_value=_END_OF_TIME)}

    def validate_resolution(self, value: str) -> Resolution:
        """In any of its spellings."""
        try:
            return Resolution.parse(value)
        except ValueError as error:
            known = ", ".join(each.value for each in Resolution)
            raise serializers.ValidationError(f"There is no resolution {value}, but {known}.") from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A span does not end before it begins; one that ends where it begins is empty."""
        if attrs["from"] > attrs["to"]:
            raise serializers.ValidationError({"from": ["Lies after `to`."]})
        return attrs


class HistoryQuery(BarsQuery):
    """A span of bars; `countback` asks for the last so many before `to`, whatever `from`."""

    countback = serializers.IntegerField(min_value=0, max_value=MOST_CANDLES, required=False)


class UdfQuotesQuery(QuotesQuery):
    """Whose quotes are asked for."""
