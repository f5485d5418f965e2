"""How watchlists look in JSON."""

from typing import Any

from rest_framework import serializers

from .models import Watchlist
from .selectors import instruments_of
from .services import LARGEST_LIST


class WatchlistSerializer(serializers.Serializer[Watchlist]):
    """A watchlist with its instruments in order."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    owner = serializers.UUIDField(source="owner_id")
    is_shared = serializers.BooleanField()
    symbols = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_symbols(self, watchlist: Watchlist) -> list[str]:
        """Instrument keys."""
        return [instrument.key for instrument in instruments_of(watchlist)]


class WatchlistPageSerializer(serializers.Serializer[Any]):
    """All lists the caller may read, on one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = WatchlistSerializer(many=True)


class WatchlistInput(serializers.Serializer[Any]):
    """A new list."""

    name = serializers.CharField(max_length=40)
    is_shared = serializers.BooleanField(default=False)


class WatchlistChange(serializers.Serializer[Any]):
    """What changes; `symbols` is the complete new order."""

    name = serializers.CharField(max_length=40, required=False)
    is_shared = serializers.BooleanField(required=False)
    symbols = serializers.ListField(
        child=serializers.CharField(max_length=44), required=False, max_length=LARGEST_LIST
    )


class ItemsInput(serializers.Serializer[Any]):
    """Instruments to put at the end of a list."""

    symbols = serializers.ListField(
        child=serializers.CharField(max_length=44), min_length=1, max_length=LARGEST_LIST
    )


class ItemQuery(serializers.Serializer[Any]):
    """The instrument to take off a list."""

    symbol = serializers.CharField(max_length=44)
