"""Limits in the API."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from trading.brokers.domain.terms import OrderType, Product

from ..domain.limit_specs import ALL_SPECS, TIME_SPECS, LimitSpec
from ..domain.limits import LIMIT_NAMES
from ..domain.states import Level
from .fields import account_field, strategy_field

_CHOICES: dict[str, list[str]] = {
    "allowed_products": [str(p) for p in Product],
    "allowed_order_types": [str(t) for t in OrderType],
}


def _help(spec: LimitSpec) -> str:
    return f"{spec.label} ({spec.unit}). {spec.explanation} null leaves it to the other levels."


def _limit_field(name: str) -> serializers.Field[Any, Any, Any, Any]:
    common: dict[str, Any] = {"allow_null": True, "required": False, "help_text": _help(ALL_SPECS[name])}
    if name in LIMIT_NAMES:
        return serializers.DecimalField(max_digits=16, decimal_places=2, min_value=Decimal(0), **common)
    if name in TIME_SPECS:
        return serializers.TimeField(input_formats=["%H:%M", "%H:%M:%S"], format="%H:%M", **common)
    child: Any = serializers.CharField(max_length=40)
    if name in _CHOICES:
        child = serializers.ChoiceField(choices=_CHOICES[name])
    return serializers.ListField(child=child, max_length=500, **common)


class LimitValuesSerializer(serializers.Serializer[dict[str, Any]]):
    """Limits by name; those left out stay as they are."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: _limit_field(name) for name in ALL_SPECS}


class LimitsInput(LimitValuesSerializer):
    """What `PUT risk/limits` takes."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "account": account_field("Leave out to set the organisation's, a user's or a strategy's limits."),
            "user": account_field("The member whose limits are set; alone."),
            "strategy": strategy_field("The strategy whose limits are set, in all accounts or in the one named."),
            **super().get_fields(),
        }


@extend_schema_field(
    {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "nullable": True,
        "description": 'A decimal string, "HH:MM", a list of names, or null for no limit.',
    }
)
class LimitValueField(serializers.Field[Any, Any, Any, Any]):
    """A limit's value as the API shows it."""

    def to_representation(self, value: Any) -> Any:
        return value


class LimitInForceSerializer(serializers.Serializer[dict[str, Any]]):
    """One limit as it holds now."""

    limit = LimitValueField(allow_null=True)
    set_by = serializers.CharField(help_text="organisation, account, user, strategy or house; several for a list.")
    own = LimitValueField(allow_null=True)
    used = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField()
    levels = serializers.DictField(child=LimitValueField())
    level_uses = serializers.DictField(
        child=serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True),
        help_text="What is used of each level's limit, over all accounts that the level reaches.",
    )


class LimitsSerializer(serializers.Serializer[dict[str, Any]]):
    """What `GET risk/limits` answers: the limits in force by name."""

    account = serializers.UUIDField(allow_null=True)
    user = serializers.UUIDField(allow_null=True)
    strategy = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[str(level) for level in Level])
    limits = serializers.DictField(child=LimitInForceSerializer())


class LimitsQuery(serializers.Serializer[Any]):
    """Whose limits."""

    account = serializers.UUIDField(required=False, help_text="Leave out for the organisation's own.")
    user = serializers.UUIDField(required=False, help_text="A member's own limits; alone.")
    strategy = strategy_field("A strategy's limits, in all accounts or in the one named.")
