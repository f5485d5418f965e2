"""Strategies and own code in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from trading.marketdata.domain.bars import Interval
from trading.strategies.domain.schema import settings_schema
from trading.strategies.domain.strategy import Kind
from trading.strategies.models import StrategyCode, StrategyVersion
from trading.strategies.registry import Listed, Origin
from trading.strategies.sandbox.rules import LARGEST_SOURCE

_KINDS = [each.value.upper() for each in Kind]


class StrategyQuery(serializers.Serializer[Any]):
    """Narrowing the catalogue."""

    kind = serializers.ChoiceField(_KINDS, required=False)
    search = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class InstrumentsWantedSerializer(serializers.Serializer[Any]):
    """How many instruments a strategy takes."""

    minimum = serializers.IntegerField()
    maximum = serializers.IntegerField()


class StrategySerializer(serializers.Serializer[Any]):
    """A strategy that can be run. `parameters` is a JSON Schema (draft 2020-12) of its settings."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text="The idea.")
    rules = serializers.CharField()
    fails_when = serializers.CharField()
    kind = serializers.ChoiceField(_KINDS)
    parameters = serializers.DictField()
    intervals = serializers.ListField(child=serializers.ChoiceField([each.value for each in Interval]))
    instruments = InstrumentsWantedSerializer()
    origin = serializers.ChoiceField([each.value.upper() for each in Origin])
    source = serializers.CharField(help_text="Module, entry point, file or version.")  # type: ignore[assignment]


class StrategiesSerializer(serializers.Serializer[Any]):
    """The catalogue on one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StrategySerializer(many=True)


def strategy_shape(found: Listed) -> dict[str, Any]:
    """One of the catalogue, as JSON."""
    strategy = found.strategy
    least, most = strategy.symbols_wanted
    return {
        "key": strategy.key,
        "name": strategy.title,
        "description": strategy.doc.idea,
        "rules": strategy.doc.rules,
        "fails_when": strategy.doc.fails_when,
        "kind": strategy.kind.value.upper(),
        "parameters": settings_schema(strategy.parameters()),
        "intervals": [each.value for each in strategy.intervals],
        "instruments": {"minimum": least, "maximum": most},
        "origin": found.origin.value.upper(),
        "source": found.source,
    }


class CodeInput(serializers.Serializer[Any]):
    """The text of a strategy, and a line on what is new in it."""

    # Trimmed, the lines of an error would not be those of the editor.
    source = serializers.CharField(max_length=LARGEST_SOURCE, trim_whitespace=False)  # type: ignore[assignment]
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class CodeChange(CodeInput):
    """Another text; `version` is the one that was read, so that two writers do not overwrite each other."""

    version = serializers.IntegerField(min_value=1, required=False)


class CodeVersionSerializer(serializers.Serializer[StrategyVersion]):
    """A saved text, without it."""

    number = serializers.IntegerField()
    note = serializers.CharField()
    digest = serializers.CharField(help_text="SHA-256 of the text")
    saved_by = serializers.EmailField(source="saved_by.email")
    saved_at = serializers.DateTimeField()


class CodeSerializer(serializers.Serializer[StrategyCode]):
    """One of the organisation's own strategies."""

    id = serializers.UUIDField()
    key = serializers.SerializerMethodField()
    name = serializers.CharField(source="title")
    kind = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    created_by = serializers.EmailField(source="created_by.email")
    created_at = serializers.DateTimeField()
    updated_by = serializers.EmailField(source="updated_by.email")
    updated_at = serializers.DateTimeField()

    @extend_schema_field({"type": "string", "enum": _KINDS})
    def get_kind(self, code: StrategyCode) -> str:
        """The family that it names."""
        return code.kind.upper()

    def get_key(self, code: StrategyCode) -> str:
        """As backtests and runs name it."""
        return f"own.{code.key}"


class CodeDetailSerializer(CodeSerializer):
    """The same with the text in use and what came before."""

    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    versions = serializers.SerializerMethodField()

    def get_source(self, code: StrategyCode) -> str:
        """The text of the version in use."""
        return str(self.context["source"])

    def get_versions(self, code: StrategyCode) -> list[dict[str, Any]]:
        """The latest first."""
        shapes: Any = CodeVersionSerializer(self.context["versions"], many=True).data
        return list(shapes)


class CodesSerializer(serializers.Serializer[Any]):
    """All of the organisation's own on one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CodeSerializer(many=True)
