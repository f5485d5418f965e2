"""The rows of a result, in the API."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField, PriceField

MOST_POINTS = 20_000


class RowsQuery(serializers.Serializer[Any]):
    """A page of rows."""

    cursor = serializers.IntegerField(required=False, min_value=0, default=0, help_text="from `next` of a page")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=1_000, default=100)


class EquityQuery(serializers.Serializer[Any]):
    """How many points are wanted at most, about; all that are stored when there are fewer."""

    points = serializers.IntegerField(required=False, min_value=10, max_value=MOST_POINTS, default=1_000)


class BacktestTradeSerializer(serializers.Serializer[Any]):
    """A round trip: units opened and closed again, first in, first out; net of the charges of both ends."""

    number = serializers.IntegerField()
    strategy = serializers.CharField(allow_blank=True)
    symbol = serializers.CharField()
    product = serializers.CharField()
    side = serializers.ChoiceField(choices=["LONG", "SHORT"])
    quantity = serializers.IntegerField()
    entry_at = InstantField()
    exit_at = InstantField()
    entry_price = PriceField()
    exit_price = PriceField()
    charges = PriceField()
    net_pnl = PriceField()
    adverse_excursion = serializers.FloatField(allow_null=True, help_text="of the entry price, 0 or negative")
    favourable_excursion = serializers.FloatField(allow_null=True)
    held_seconds = serializers.IntegerField()
    entry_tag = serializers.CharField(allow_blank=True)
    exit_tag = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `return`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "return": serializers.FloatField(allow_null=True)}


class TradesSerializer(serializers.Serializer[Any]):
    """A page of round trips, in the order of closing."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    results = BacktestTradeSerializer(many=True)


class RunOrderSerializer(serializers.Serializer[Any]):
    """An order of a run, as it ended."""

    at = InstantField()
    order = serializers.CharField()
    strategy = serializers.CharField(allow_blank=True)
    symbol = serializers.CharField()
    side = serializers.CharField()
    type = serializers.CharField()
    quantity = serializers.IntegerField()
    filled = serializers.IntegerField()
    status = serializers.CharField()
    origin = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    tag = serializers.CharField(allow_blank=True)


class RunOrdersSerializer(serializers.Serializer[Any]):
    """A page of orders, in the order of sending."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    results = RunOrderSerializer(many=True)


class LogLineSerializer(serializers.Serializer[Any]):
    """A line of the strategy's journal."""

    at = InstantField()
    strategy = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class LogSerializer(serializers.Serializer[Any]):
    """A page of the journal."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    results = LogLineSerializer(many=True)


class EquitySerializer(serializers.Serializer[Any]):
    """`points` are `[time, equity, drawdown]`, ascending, thinned so that no peak and no trough is lost; `days` are
    `[date, equity, benchmark]` at each day's end, the benchmark as the same capital in it, or null."""

    points = serializers.ListField(child=serializers.ListField())
    days = serializers.ListField(child=serializers.ListField())
