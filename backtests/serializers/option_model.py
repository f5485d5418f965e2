"""The settings of the model that prices options, as they are asked for and told."""

from typing import Any

from rest_framework import serializers

from backtests.domain.option_market import MODEL_SETTINGS, ModelSetting, VolatilityBy

_KINDS: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
}


class OptionModelInput(serializers.Serializer[Any]):
    """What prices options and futures that are not stored; what is left out is as usual."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """One for each setting of the model, within its bounds."""
        return {each.name: _field(each, required=False, help_text=_help(each)) for each in MODEL_SETTINGS}


class OptionModelSerializer(serializers.Serializer[Any]):
    """All settings of the model that a run was priced by."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """One for each setting of the model."""
        return {each.name: _field(each, help_text=each.help) for each in MODEL_SETTINGS}


def _field(setting: ModelSetting, **terms: Any) -> serializers.Field[Any, Any, Any, Any]:
    if setting.kind is VolatilityBy:
        return serializers.ChoiceField(choices=[each.value for each in VolatilityBy], **terms)
    if setting.kind is str:
        terms["max_length"] = 50
    if setting.minimum is not None:
        terms |= {"min_value": setting.minimum, "max_value": setting.maximum}
    return _KINDS[setting.kind](**terms)


def _help(setting: ModelSetting) -> str:
    return f"{setting.help} (usually {setting.default})"
