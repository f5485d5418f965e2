"""The shape of what the API answers about groups of orders, targets, conversions and kept baskets."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from trading.brokers.domain.terms import Product, Side
from trading.orders.domain.group import GroupKind, GroupStatus
from trading.orders.serializers.group_input import KeptBasketInput
from trading.orders.serializers.orders import (
    ChargesSerializer,
    OrderPreviewSerializer,
    OrderSerializer,
    StatusReasonSerializer,
)


class FoundSerializer(serializers.Serializer[Any]):
    """What an option was found with."""

    asked = serializers.CharField()
    symbol = serializers.CharField()
    reference = serializers.CharField(allow_null=True)
    reference_price = PriceField(allow_null=True)


class GroupLegSerializer(serializers.Serializer[Any]):
    """The report of one leg: its orders (several when it was sliced), or why it has none."""

    leg = serializers.IntegerField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = serializers.IntegerField()
    filled_quantity = serializers.IntegerField()
    status = serializers.ChoiceField(choices=[str(status) for status in GroupStatus])
    status_reason = StatusReasonSerializer(allow_null=True)
    found = FoundSerializer(allow_null=True)
    orders = OrderSerializer(many=True)


class GroupSerializer(serializers.Serializer[Any]):
    """A group of orders; documentation of `selectors.groups.group_shape`."""

    id = serializers.UUIDField()
    client_order_id = serializers.CharField()
    account = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[str(kind) for kind in GroupKind])
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=[str(status) for status in GroupStatus])
    all_or_nothing = serializers.BooleanField()
    legs = GroupLegSerializer(many=True)
    created_by = serializers.CharField()
    created_at = InstantField()


class LegPreviewSerializer(serializers.Serializer[Any]):
    """What would be said to one leg; `preview` is null for a leg that cannot be an order."""

    leg = serializers.IntegerField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = serializers.IntegerField()
    slices = serializers.IntegerField()
    allowed = serializers.BooleanField()
    status_reason = StatusReasonSerializer(allow_null=True)
    preview = OrderPreviewSerializer(allow_null=True)


class GroupVerdictSerializer(serializers.Serializer[Any]):
    """Whether all legs and the funds over them pass."""

    allowed = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField()


class GroupPreviewSerializer(serializers.Serializer[Any]):
    """The whole and each leg; amounts in rupees. `margin` is for all legs together."""

    margin = PriceField()
    margin_alone = PriceField()
    margin_benefit = PriceField()
    charges = ChargesSerializer()
    risk = GroupVerdictSerializer()
    legs = LegPreviewSerializer(many=True)


class TargetSerializer(serializers.Serializer[Any]):
    """What was found and done; `order` is null when there was nothing to send."""

    group = serializers.UUIDField()
    target_quantity = serializers.IntegerField()
    position_quantity = serializers.IntegerField()
    buying_quantity = serializers.IntegerField()
    selling_quantity = serializers.IntegerField()
    expected_quantity = serializers.IntegerField()
    opposite_orders = serializers.ListField(child=serializers.UUIDField())
    cancelled_orders = serializers.ListField(child=serializers.UUIDField())
    message = serializers.CharField()
    order = OrderSerializer(allow_null=True)
    slices = OrderSerializer(many=True)


class CloseReportSerializer(serializers.Serializer[Any]):
    """What became of closing one position."""

    position = serializers.UUIDField()
    symbol = serializers.CharField()
    quantity = serializers.IntegerField()
    order = OrderSerializer(allow_null=True)
    status_reason = StatusReasonSerializer(allow_null=True)


class CloseAllSerializer(serializers.Serializer[Any]):
    """A report for each position."""

    positions = CloseReportSerializer(many=True)


class ConversionSerializer(serializers.Serializer[Any]):
    """Both sides after a conversion: position ids, products and open quantities."""

    position = serializers.UUIDField()
    quantity = serializers.IntegerField()
    converted_to = serializers.UUIDField()
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    converted_quantity = serializers.IntegerField()


class KeptBasketSerializer(KeptBasketInput):
    """A kept basket; documentation of `selectors.groups.basket_shape`."""

    id = serializers.UUIDField()
    updated_at = InstantField()
