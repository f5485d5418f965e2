"""Shapes of the risk API, for checking what comes in and for the schema."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from .domain.limits import LIMIT_NAMES, LIMIT_SPECS


def _limit_field(name: str) -> serializers.DecimalField:
    spec = LIMIT_SPECS[name]
    return serializers.DecimalField(
        max_digits=16,
        decimal_places=2,
        min_value=Decimal(0),
        allow_null=True,
        required=False,
        help_text=f"{spec.label} ({spec.unit}). {spec.explanation} null inherits.",
    )


class LimitValuesSerializer(serializers.Serializer[dict[str, Any]]):
    """Limits by name; those left out stay as they are."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: _limit_field(name) for name in LIMIT_NAMES}


class LimitsInput(LimitValuesSerializer):
    """What `PUT risk/limits` takes."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        account = serializers.UUIDField(
            required=False, allow_null=True, help_text="Leave out to set the organisation's defaults."
        )
        return {"account": account, **super().get_fields()}


class LimitInForceSerializer(serializers.Serializer[dict[str, Any]]):
    """One limit as it holds now."""

    limit = serializers.DecimalField(max_digits=16, decimal_places=2)
    set_by = serializers.ChoiceField(choices=["account", "organisation", "house"])
    own = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    used = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)


class LimitsSerializer(serializers.Serializer[dict[str, Any]]):
    """What `GET risk/limits` answers: the limits in force by name."""

    account = serializers.UUIDField(allow_null=True)
    limits = serializers.DictField(child=LimitInForceSerializer())


class RiskDecisionSerializer(serializers.Serializer[dict[str, Any]]):
    """One gate's decision of one order."""

    id = serializers.IntegerField()
    order = serializers.UUIDField()
    account = serializers.UUIDField()
    gate = serializers.CharField()
    allowed = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField()
    limit = serializers.CharField(allow_blank=True)
    used = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
