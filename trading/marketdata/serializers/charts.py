"""Layouts and drawings of charts in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import InstantField, PriceField

from ..domain.bars import Interval
from ..domain.chart import (
    MOST_COMPARED,
    MOST_INDICATORS,
    MOST_TEXT,
    ChartScale,
    ChartStyle,
    DrawingColour,
    DrawingKind,
)
from ..models import ChartDrawing, ChartLayout

_SYMBOL_LENGTH = 44


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string", "maxLength": 40}, {"type": "boolean"}]})
class _ParameterField(serializers.Field[Any, Any, Any, Any]):
    """A parameter of an indicator: a number, a word or a switch."""

    def to_internal_value(self, data: Any) -> int | float | str | bool:
        if isinstance(data, bool | int | float) and abs(data) <= 1e9:
            return data
        if isinstance(data, str) and len(data) <= 40 and "\x00" not in data:
            return data
        raise serializers.ValidationError("Must be a number, a short text, true or false.")

    def to_representation(self, value: Any) -> Any:
        return value


class ChartIndicatorSerializer(serializers.Serializer[Any]):
    """An indicator on a chart: which, with what settings, and how its lines look."""

    name = serializers.RegexField(r"^[a-z0-9_]{1,40}$")
    params = serializers.DictField(child=_ParameterField(), default=dict)
    colours = serializers.DictField(
        child=serializers.ChoiceField(choices=[each.value for each in DrawingColour]),
        default=dict,
        help_text="By output; the others take colours in turn",
    )
    hidden = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """No more settings than any indicator has."""
        for part in ("params", "colours"):
            if len(attrs[part]) > 20 or any(len(name) > 40 or "\x00" in name for name in attrs[part]):
                raise serializers.ValidationError({part: ["20 at most, with names of 40 characters at most."]})
        return attrs


class ChartLayoutInput(serializers.Serializer[Any]):
    """How a chart is to look."""

    interval = serializers.ChoiceField(choices=[each.value for each in Interval], default=Interval.M5.value)
    style = serializers.ChoiceField(  # type: ignore[assignment]  # DRF gives fields an attribute of this name
        choices=[each.value for each in ChartStyle], default=ChartStyle.CANDLES.value
    )
    scale = serializers.ChoiceField(choices=[each.value for each in ChartScale], default=ChartScale.LINEAR.value)
    compare = serializers.ListField(
        child=serializers.CharField(max_length=_SYMBOL_LENGTH), default=list, max_length=MOST_COMPARED
    )
    indicators = ChartIndicatorSerializer(many=True, default=list)

    def validate_indicators(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """As many as a screen holds."""
        if len(value) > MOST_INDICATORS:
            raise serializers.ValidationError(f"A chart shows {MOST_INDICATORS} indicators at most.")
        return value


class ChartLayoutSerializer(serializers.Serializer[ChartLayout]):
    """How a chart looks, and for which charts that was kept."""

    saved_for = serializers.SerializerMethodField(
        help_text="The symbol, `default` for all charts without their own, null when nothing was kept"
    )
    interval = serializers.ChoiceField(choices=[each.value for each in Interval])
    style = serializers.ChoiceField(  # type: ignore[assignment]  # as above
        choices=[each.value for each in ChartStyle]
    )
    scale = serializers.ChoiceField(choices=[each.value for each in ChartScale])
    compare = serializers.ListField(child=serializers.CharField())
    indicators = ChartIndicatorSerializer(many=True)

    def get_saved_for(self, layout: ChartLayout) -> str | None:
        if layout._state.adding:
            return None
        return layout.instrument.key if layout.instrument else "default"


class ChartDrawingInput(serializers.Serializer[Any]):
    """A drawing; which points it has follows from its kind."""

    symbol = serializers.CharField(max_length=_SYMBOL_LENGTH)
    kind = serializers.ChoiceField(choices=[each.value for each in DrawingKind])
    first_time = InstantField(allow_null=True, default=None)
    first_price = PriceField(allow_null=True, default=None, max_digits=14)
    second_time = InstantField(allow_null=True, default=None)
    second_price = PriceField(allow_null=True, default=None, max_digits=14)
    text = serializers.CharField(max_length=MOST_TEXT, allow_blank=True, default="")
    colour = serializers.ChoiceField(
        choices=[each.value for each in DrawingColour], default=DrawingColour.ACCENT.value
    )


class ChartDrawingSerializer(serializers.Serializer[ChartDrawing]):
    """A drawing as it was kept."""

    id = serializers.UUIDField()
    symbol = serializers.CharField(source="instrument.key")
    kind = serializers.ChoiceField(choices=[each.value for each in DrawingKind])
    first_time = InstantField(allow_null=True)
    first_price = PriceField(allow_null=True)
    second_time = InstantField(allow_null=True)
    second_price = PriceField(allow_null=True)
    text = serializers.CharField()
    colour = serializers.ChoiceField(choices=[each.value for each in DrawingColour])


class ChartDrawingsQuery(serializers.Serializer[Any]):
    """Whose drawings are asked for."""

    symbol = serializers.CharField(max_length=_SYMBOL_LENGTH)


class ChartDrawingsSerializer(serializers.Serializer[object]):
    """All drawings of a chart, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ChartDrawingSerializer(many=True)
