"""Indicators in the API."""

from typing import Any

import msgspec
import numpy as np
from rest_framework import serializers

from ..domain.candle_json import bar_times
from ..domain.indicators import Indicator
from ..domain.indicators.bars import FloatArray
from ..domain.indicators.definition import Group, Style
from ..domain.indicators.parameters import Kind, Parameter, Value
from ..selectors import IndicatorSeries
from .candles import CandlesQuery


class ParameterShape(msgspec.Struct, frozen=True, omit_defaults=True):
    """One setting of an indicator."""

    name: str
    title: str
    type: str
    default: Value
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameter: Parameter) -> "ParameterShape":
        return cls(
            name=parameter.name,
            title=parameter.title,
            type=parameter.kind.value,
            default=parameter.default,
            min=parameter.minimum,
            max=parameter.maximum,
            step=parameter.step,
            choices=parameter.choices,
        )


class OutputShape(msgspec.Struct, frozen=True):
    """One line of an indicator; `shift` names a parameter (with a minus for to the left) or is a number of bars."""

    name: str
    style: str
    shift: int | str


class IndicatorShape(msgspec.Struct, frozen=True):
    """An entry of the catalogue."""

    name: str
    title: str
    group: str
    pane: str
    inputs: tuple[str, ...]
    parameters: tuple[ParameterShape, ...]
    outputs: tuple[OutputShape, ...]
    levels: tuple[float, ...]
    doc: str
    origin: str

    @classmethod
    def of(cls, indicator: Indicator) -> "IndicatorShape":
        return cls(
            name=indicator.name,
            title=indicator.title,
            group=indicator.group.value,
            pane="overlay" if indicator.overlay else "pane",
            inputs=indicator.inputs,
            parameters=tuple(ParameterShape.of(each) for each in indicator.parameters),
            outputs=tuple(OutputShape(each.name, each.style.value, each.shift) for each in indicator.outputs),
            levels=indicator.levels,
            doc=indicator.doc,
            origin=indicator.origin,
        )


def indicator_answer(
    indicator: Indicator, parameters: dict[str, Value], symbol: str, interval: str, series: IndicatorSeries
) -> dict[str, Any]:
    """What `GET indicators/{name}` answers."""
    times = bar_times(series.start)
    return {
        "symbol": symbol,
        "interval": interval,
        "indicator": indicator.name,
        "params": parameters,
        "shifts": {each.name: indicator.shift_of(each, parameters) for each in indicator.outputs},
        "outputs": {
            name: [list(row) for row in zip(times, values_of(line), strict=True)]
            for name, line in series.outputs.items()
        },
    }


def values_of(line: FloatArray) -> list[float | None]:
    """Numbers for JSON: what is not finite is null."""
    finite = np.isfinite(line)
    if finite.all():
        values: list[float | None] = line.tolist()
        return values
    return [value if known else None for value, known in zip(line.tolist(), finite.tolist(), strict=True)]


class IndicatorQuery(CandlesQuery):
    """Over which bars an indicator is asked for; every other name is a parameter of the indicator."""

    symbol = serializers.CharField(max_length=100)

    def settings(self, given: dict[str, str]) -> dict[str, str]:
        """What of a query string is left for the indicator itself."""
        return {name: value for name, value in given.items() if name not in self.fields}


class IndicatorParameterSerializer(serializers.Serializer[object]):
    """One setting of an indicator; bounds are included."""

    name = serializers.CharField()
    title = serializers.CharField()
    type = serializers.ChoiceField(choices=[each.value for each in Kind])
    default = serializers.JSONField()
    min = serializers.FloatField(required=False)
    max = serializers.FloatField(required=False)
    step = serializers.FloatField(required=False)
    choices = serializers.ListField(child=serializers.CharField(), required=False)


class IndicatorOutputSerializer(serializers.Serializer[object]):
    """One line of an indicator."""

    name = serializers.CharField()
    shift = serializers.JSONField(
        help_text="Bars to the right that it is drawn; a text names a parameter, with a minus to the left"
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `style`, which is an attribute of every field."""
        styles = serializers.ChoiceField(choices=[each.value for each in Style])
        return {**super().get_fields(), "style": styles}


class IndicatorSerializer(serializers.Serializer[object]):
    """An entry of the catalogue."""

    name = serializers.CharField()
    title = serializers.CharField()
    group = serializers.ChoiceField(choices=[each.value for each in Group])
    pane = serializers.ChoiceField(choices=["overlay", "pane"])
    inputs = serializers.ListField(child=serializers.CharField())
    parameters = IndicatorParameterSerializer(many=True)
    outputs = IndicatorOutputSerializer(many=True)
    levels = serializers.ListField(child=serializers.FloatField(), help_text="Horizontal lines that its pane shows")
    doc = serializers.CharField()
    origin = serializers.CharField()


class IndicatorsSerializer(serializers.Serializer[object]):
    """The catalogue."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = IndicatorSerializer(many=True)


class IndicatorValuesSerializer(serializers.Serializer[object]):
    """An indicator over the bars of one instrument."""

    symbol = serializers.CharField()
    interval = serializers.CharField()
    indicator = serializers.CharField()
    params = serializers.DictField(help_text="All parameters, defaults included")
    shifts = serializers.DictField(child=serializers.IntegerField(), help_text="Bars to the right, by output")
    outputs = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.JSONField())),
        help_text="By output: [time, value], ascending; time is the bar's start, null where there is no value",
    )
