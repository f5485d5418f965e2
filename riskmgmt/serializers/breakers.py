"""Circuit breakers in the API."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core.api.fields import PriceField

from ..domain.breaker import BreakerState, Cause
from ..models.scope import REASON_LENGTH
from .fields import account_field


class AccountQuery(serializers.Serializer[Any]):
    """Which account; all that the caller may see when none is named."""

    account = serializers.UUIDField(required=False)


class BreakerParametersSerializer(serializers.Serializer[Any]):
    """When a breaker trips and how it comes back."""

    enabled = serializers.BooleanField()
    max_loss = PriceField(allow_null=True)
    max_drawdown = PriceField(allow_null=True)
    reject_count = serializers.IntegerField(allow_null=True)
    reject_seconds = serializers.IntegerField()
    broker_error_count = serializers.IntegerField(allow_null=True)
    broker_error_seconds = serializers.IntegerField()
    cool_off_seconds = serializers.IntegerField()
    probation_seconds = serializers.IntegerField()
    open_state = serializers.ChoiceField(choices=["REDUCING", "HALTED"])
    half_open_order_value = PriceField(allow_null=True)


class BreakerRuleInput(serializers.Serializer[Any]):
    """Parameters to set from today on; those left out stay."""

    account = account_field("Leave out for the organisation's accounts that have none of their own.")
    enabled = serializers.BooleanField(required=False, source="is_enabled")
    max_loss = PriceField(required=False, allow_null=True, min_value=Decimal(1), decimal_places=2)
    max_drawdown = PriceField(required=False, allow_null=True, min_value=Decimal(1), decimal_places=2)
    reject_count = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100_000)
    reject_seconds = serializers.IntegerField(required=False, min_value=1, max_value=86_400)
    broker_error_count = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100_000)
    broker_error_seconds = serializers.IntegerField(required=False, min_value=1, max_value=86_400)
    cool_off_seconds = serializers.IntegerField(required=False, min_value=1, max_value=86_400)
    probation_seconds = serializers.IntegerField(required=False, min_value=1, max_value=86_400)
    open_state = serializers.ChoiceField(required=False, choices=["REDUCING", "HALTED"])
    half_open_order_value = PriceField(required=False, allow_null=True, min_value=Decimal(1), decimal_places=2)


class BreakerSerializer(serializers.Serializer[Any]):
    """An account's circuit breaker."""

    account = serializers.UUIDField()
    account_name = serializers.CharField()
    state = serializers.ChoiceField(choices=[str(state) for state in BreakerState])
    cause = serializers.ChoiceField(choices=[str(cause) for cause in Cause], allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    parameters = BreakerParametersSerializer()


class BreakersSerializer(serializers.Serializer[Any]):
    """What `GET risk/circuit-breaker` answers."""

    results = BreakerSerializer(many=True)


class BreakerResetInput(serializers.Serializer[Any]):
    """Which breaker to close, and why."""

    account = serializers.UUIDField()
    reason = serializers.CharField(max_length=REASON_LENGTH)
