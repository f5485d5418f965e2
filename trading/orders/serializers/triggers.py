"""The shape of what the trigger API takes and gives. Rules are the services'; only types are checked here."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from core.api.reading import SpanQuery, names_in
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import Origin
from trading.orders.domain.triggers.states import Direction, LegRole, LegStatus, TriggerKind, TriggerStatus
from trading.orders.models import TriggerEventType
from trading.orders.serializers.orders import StatusReasonSerializer, StrictPriceField, StrictQuantityField

_ORDER_TYPES = [str(OrderType.MARKET), str(OrderType.LIMIT)]


class LegInput(serializers.Serializer[Any]):
    """One leg. A target is a LIMIT order at its trigger price, any other leg a MARKET order, unless said
    otherwise.
    """

    role = serializers.ChoiceField(choices=[str(role) for role in LegRole])
    order_type = serializers.ChoiceField(choices=_ORDER_TYPES, required=False)
    trigger_price = StrictPriceField(required=False, allow_null=True)
    price = StrictPriceField(required=False, allow_null=True)
    trail_points = StrictPriceField(required=False, allow_null=True)
    trail_percent = StrictPriceField(required=False, allow_null=True)
    direction = serializers.ChoiceField(choices=[str(each) for each in Direction], required=False)


class TriggerInput(serializers.Serializer[Any]):
    """A trigger to create. `side` is the entry's for BRACKET and COVER, otherwise that of the order that fires."""

    account = serializers.UUIDField()
    symbol = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=[str(kind) for kind in TriggerKind])
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = StrictQuantityField()
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    legs = serializers.ListField(child=LegInput(), allow_empty=False, max_length=3)
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    expires_on = serializers.DateField(required=False, allow_null=True)
    protects = serializers.BooleanField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    client_order_id = serializers.CharField(required=False, max_length=64, trim_whitespace=False)


class LegModifyInput(serializers.Serializer[Any]):
    """What to replace in one leg."""

    role = serializers.ChoiceField(choices=[str(role) for role in LegRole])
    order_type = serializers.ChoiceField(choices=_ORDER_TYPES, required=False)
    trigger_price = StrictPriceField(required=False)
    price = StrictPriceField(required=False)
    trail_points = StrictPriceField(required=False)
    trail_percent = StrictPriceField(required=False)


class TriggerModifyInput(serializers.Serializer[Any]):
    """What to replace; what is left out stays as it is."""

    quantity = StrictQuantityField(required=False)
    expires_on = serializers.DateField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    legs = serializers.ListField(child=LegModifyInput(), required=False, max_length=3)


class TriggerCancelAllInput(serializers.Serializer[Any]):
    """Whose triggers to end; all that the caller may see when no account is named."""

    account = serializers.UUIDField(required=False)
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64)


class TriggerQuery(SpanQuery):
    """Filters of the trigger list. `status` and `kind` take several, separated by commas."""

    status = serializers.CharField(required=False)
    kind = serializers.CharField(required=False)
    symbol = serializers.CharField(required=False)
    account = serializers.UUIDField(required=False)

    def validate_status(self, value: str) -> list[str]:
        return names_in(value, TriggerStatus)

    def validate_kind(self, value: str) -> list[str]:
        return names_in(value, TriggerKind)


class TriggerLegSerializer(serializers.Serializer[Any]):
    """A leg as the API shows it; documentation of `selectors.triggers.leg_shape`."""

    role = serializers.ChoiceField(choices=[str(role) for role in LegRole])
    direction = serializers.ChoiceField(choices=[str(each) for each in Direction], allow_null=True)
    trigger_price = PriceField(allow_null=True)
    order_type = serializers.ChoiceField(choices=_ORDER_TYPES)
    price = PriceField(allow_null=True)
    trail_points = PriceField(allow_null=True)
    trail_percent = PriceField(allow_null=True)
    peak_price = PriceField(allow_null=True)
    status = serializers.ChoiceField(choices=[str(status) for status in LegStatus])
    attempts = serializers.IntegerField()
    next_attempt_at = InstantField(allow_null=True)


class TriggerSerializer(serializers.Serializer[Any]):
    """A trigger as the API shows it; documentation of `selectors.triggers.trigger_shape`."""

    id = serializers.UUIDField()
    client_order_id = serializers.CharField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    kind = serializers.ChoiceField(choices=[str(kind) for kind in TriggerKind])
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    exit_side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = serializers.IntegerField()
    entry_quantity = serializers.IntegerField()
    filled_quantity = serializers.IntegerField()
    remaining_quantity = serializers.IntegerField()
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    strategy = serializers.CharField()
    protects = serializers.BooleanField()
    expires_on = serializers.DateField()
    note = serializers.CharField()
    origin = serializers.ChoiceField(choices=[str(origin) for origin in Origin])
    status = serializers.ChoiceField(choices=[str(status) for status in TriggerStatus])
    status_reason = StatusReasonSerializer(allow_null=True)
    alarm_since = InstantField(allow_null=True)
    legs = TriggerLegSerializer(many=True)
    created_at = InstantField()
    updated_at = InstantField()


class TriggerEventSerializer(serializers.Serializer[Any]):
    """One entry of a trigger's history."""

    seq = serializers.IntegerField()
    type = serializers.ChoiceField(choices=TriggerEventType.choices)
    status = serializers.ChoiceField(choices=[str(status) for status in TriggerStatus])
    at = InstantField()
    actor = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]


class TriggersCancelledSerializer(serializers.Serializer[Any]):
    """The triggers that were ended."""

    cancelled = TriggerSerializer(many=True)
