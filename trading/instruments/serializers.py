"""How instruments and the market's state look in JSON."""

from rest_framework import serializers

from core.api.fields import InstantField, PriceField

from .domain.keys import Exchange
from .domain.sessions import Phase, Segment
from .models import Instrument, InstrumentType
from .selectors.search import LARGEST_LIMIT


class InstrumentSerializer(serializers.ModelSerializer[Instrument]):
    """An instrument; strike and tick in rupees, lot and freeze quantity in units."""

    strike = PriceField(allow_null=True)
    tick_size = PriceField()

    class Meta:
        model = Instrument
        fields: tuple[str, ...] = (
            "key",
            "exchange",
            "symbol",
            "name",
            "instrument_type",
            "underlying",
            "expiry",
            "strike",
            "lot_size",
            "tick_size",
            "freeze_quantity",
            "isin",
            "has_derivatives",
            "is_active",
        )


class SessionSerializer(serializers.Serializer[None]):
    """What the market of one instrument does now; HALTED and `reason` tell of its own halts too."""

    phase = serializers.ChoiceField([phase.value for phase in Phase])
    reason = serializers.CharField()
    opens_at = InstantField(allow_null=True)
    closes_at = InstantField(allow_null=True)


class InstrumentDetailSerializer(InstrumentSerializer):
    """An instrument with its session."""

    session = SessionSerializer(read_only=True)

    class Meta(InstrumentSerializer.Meta):
        fields = (*InstrumentSerializer.Meta.fields, "session")


class InstrumentsQuery(serializers.Serializer[None]):
    """What `GET instruments` is narrowed by."""

    search = serializers.CharField(required=False, max_length=60)
    exchange = serializers.ChoiceField([exchange.value for exchange in Exchange], required=False)
    type = serializers.ChoiceField(InstrumentType.choices, required=False)
    underlying = serializers.CharField(required=False, max_length=40)
    expiry = serializers.DateField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_LIMIT)


class SegmentSerializer(serializers.Serializer[None]):
    """The session of one segment."""

    segment = serializers.ChoiceField([segment.value for segment in Segment])
    phase = serializers.ChoiceField([phase.value for phase in Phase])
    reason = serializers.CharField()
    opens_at = InstantField(allow_null=True)
    closes_at = InstantField(allow_null=True)


class MarketStatusSerializer(serializers.Serializer[None]):
    """The cash market's session, and each segment's own."""

    at = InstantField()
    simulated = serializers.BooleanField()
    phase = serializers.ChoiceField([phase.value for phase in Phase])
    reason = serializers.CharField()
    opens_at = InstantField(allow_null=True)
    closes_at = InstantField(allow_null=True)
    segments = SegmentSerializer(many=True)
