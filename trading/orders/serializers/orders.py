"""The shape of what the orders API takes and gives. Rules are the services'; only types are checked here."""

from decimal import Decimal, InvalidOperation
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from core.api.reading import SpanQuery, names_in
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.depth import BookState
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import OrderStatus
from trading.orders.models import OrderEventType

MAX_LENGTH = 32


@extend_schema_field({"type": "string", "format": "decimal", "example": "2450.05"})
class StrictPriceField(serializers.Field[Any, Any, Any, Any]):
    """A price as a decimal string or a JSON number, at most four decimals; no exponent, NaN or infinity."""

    default_error_messages = {
        "invalid": 'Write a decimal number with at most four decimals, as in "2450.05".',
    }

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        text = data.strip() if isinstance(data, str) else repr(data)
        whole, _, fraction = text.removeprefix("-").partition(".")
        digits = whole.isascii() and whole.isdigit() and (fraction == "" or fraction.isdigit())
        if not digits or len(text) > MAX_LENGTH or len(fraction.rstrip("0")) > 4 or not fraction.isascii():
            self.fail("invalid")
        try:
            return Decimal(text)
        except InvalidOperation:
            self.fail("invalid")

    def to_representation(self, value: Any) -> str:
        return str(value)


class StrictQuantityField(serializers.IntegerField):
    """Whole units; a fraction, a boolean or an exponent is refused rather than rounded."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, str | int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class OrderInput(serializers.Serializer[Any]):
    """An order to place or to preview; quantities in units, prices in rupees."""

    account = serializers.UUIDField()
    symbol = serializers.CharField(max_length=64)
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = StrictQuantityField()
    order_type = serializers.ChoiceField(choices=[str(kind) for kind in OrderType])
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    validity = serializers.ChoiceField(choices=[str(v) for v in Validity], default=str(Validity.DAY))
    price = StrictPriceField(required=False, allow_null=True)
    trigger_price = StrictPriceField(required=False, allow_null=True)
    disclosed_quantity = StrictQuantityField(required=False, default=0)
    after_market = serializers.BooleanField(required=False, default=False)
    autoslice = serializers.BooleanField(required=False, default=False)
    client_order_id = serializers.CharField(required=False, max_length=64, trim_whitespace=False)
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    tag = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")


class OrderModifyInput(serializers.Serializer[Any]):
    """What to replace of a live order; `quantity` is the whole order's, with what has filled.

    A price or a trigger that a new `order_type` has no use for is dropped with the old one.
    """

    quantity = StrictQuantityField(required=False)
    price = StrictPriceField(required=False)
    trigger_price = StrictPriceField(required=False)
    disclosed_quantity = StrictQuantityField(required=False)
    order_type = serializers.ChoiceField(choices=[str(kind) for kind in OrderType], required=False)


class CancelAllInput(serializers.Serializer[Any]):
    """Which orders to cancel; all live ones that the caller may see when nothing is named."""

    account = serializers.UUIDField(required=False)
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64)
    symbol = serializers.CharField(required=False, max_length=64)


class OrderQuery(SpanQuery):
    """Filters of the order list. `status` takes several, separated by commas."""

    status = serializers.CharField(required=False)
    symbol = serializers.CharField(required=False)
    account = serializers.UUIDField(required=False)

    def validate_status(self, value: str) -> list[str]:
        return names_in(value, OrderStatus)


class TradeQuery(OrderQuery):
    """Filters of the trade list."""

    status = None  # type: ignore[assignment]
    order = serializers.UUIDField(required=False)


class StatusReasonSerializer(serializers.Serializer[Any]):
    """Why an order is in its state."""

    code = serializers.CharField()
    message = serializers.CharField()


class OrderSerializer(serializers.Serializer[Any]):
    """An order as the API shows it; documentation of `selectors.order_shape`."""

    id = serializers.UUIDField()
    client_order_id = serializers.CharField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = serializers.IntegerField()
    filled_quantity = serializers.IntegerField()
    pending_quantity = serializers.IntegerField()
    average_price = PriceField(allow_null=True)
    order_type = serializers.ChoiceField(choices=[str(kind) for kind in OrderType])
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    validity = serializers.ChoiceField(choices=[str(v) for v in Validity])
    price = PriceField(allow_null=True)
    trigger_price = PriceField(allow_null=True)
    decision_price = PriceField(
        allow_null=True, help_text="What the execution is measured against: a stop's trigger, else the last price."
    )
    disclosed_quantity = serializers.IntegerField()
    after_market = serializers.BooleanField()
    valid_on = serializers.DateField()
    triggered_at = InstantField(allow_null=True)
    status = serializers.ChoiceField(choices=[str(status) for status in OrderStatus])
    status_reason = StatusReasonSerializer(allow_null=True)
    origin = serializers.ChoiceField(choices=[str(origin) for origin in Origin])
    strategy = serializers.CharField()
    tag = serializers.CharField()
    foreign = serializers.BooleanField(help_text="Found at the broker, not sent from here.")
    group = serializers.UUIDField(allow_null=True)
    leg = serializers.IntegerField(allow_null=True)
    broker_order_id = serializers.CharField()
    charges = PriceField()
    created_at = InstantField()
    updated_at = InstantField()


class PlacedOrderSerializer(OrderSerializer):
    """An order that was placed; with `autoslice`, the first of its slices."""

    slices = OrderSerializer(many=True, required=False)


class OrderEventSerializer(serializers.Serializer[Any]):
    """One entry of an order's timeline."""

    seq = serializers.IntegerField()
    type = serializers.ChoiceField(choices=OrderEventType.choices)
    status = serializers.ChoiceField(choices=[str(status) for status in OrderStatus])
    at = InstantField()
    actor = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]


class ChargesSerializer(serializers.Serializer[Any]):
    """Charges in rupees, line by line."""

    total = PriceField()
    brokerage = PriceField()
    stt = PriceField()
    exchange = PriceField()
    sebi = PriceField()
    stamp = PriceField()
    gst = PriceField()


class TradeSerializer(serializers.Serializer[Any]):
    """A fill; `price` in rupees a unit."""

    id = serializers.UUIDField()
    order = serializers.UUIDField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = serializers.IntegerField()
    price = PriceField()
    charges = ChargesSerializer()
    traded_at = InstantField()


class GateDecisionSerializer(serializers.Serializer[Any]):
    """One verdict; `limit` and `used` are null where they make no sense."""

    gate = serializers.CharField()
    allowed = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField()
    limit = serializers.CharField(allow_null=True)
    used = serializers.CharField(allow_null=True)


class RiskVerdictSerializer(serializers.Serializer[Any]):
    """Every verdict on an order, and whether all allow it."""

    allowed = serializers.BooleanField()
    decisions = GateDecisionSerializer(many=True)


class ImpactSerializer(serializers.Serializer[Any]):
    """What the book would do to the order now; prices in rupees a unit."""

    quantity = serializers.IntegerField()
    expected_price = PriceField(allow_null=True)
    slippage = PriceField(allow_null=True, help_text="Against the best opposite price, worse is positive")
    slippage_bps = PriceField(allow_null=True)
    cost_bps = PriceField(allow_null=True, help_text="Against the mid")
    worst_price = PriceField(allow_null=True, help_text="The last price that would be reached")
    beyond_quantity = serializers.IntegerField(help_text="What would not trade at once")
    book = serializers.ChoiceField(choices=[str(state) for state in BookState], allow_null=True)


class MarginDetailSerializer(serializers.Serializer[Any]):
    """How an order's margin comes about: span + exposure + calendar + premium - benefit is the total."""

    span = PriceField(help_text="Worst of sixteen scenarios of the order by itself; of shares the whole margin.")
    exposure = PriceField(help_text="On the notional of futures and written options.")
    calendar = PriceField(help_text="On spreads between expiries.")
    premium = PriceField(help_text="Paid for options that the order buys.")
    benefit = PriceField(help_text="What the positions held already take off.")
    total = PriceField()
    portfolio_before = PriceField(help_text="What the positions on the underlying require now.")
    portfolio_after = PriceField(help_text="And once the order has filled.")


class OrderPreviewSerializer(serializers.Serializer[Any]):
    """What an order would cost and what would be said to it; amounts in rupees."""

    margin = PriceField()
    margin_detail = MarginDetailSerializer()
    charges = ChargesSerializer()
    risk = RiskVerdictSerializer()
    impact = ImpactSerializer()
    position_after = serializers.IntegerField()
    valid_on = serializers.DateField()


class CancelRefusalSerializer(serializers.Serializer[Any]):
    """An order that could not be cancelled, and why."""

    order = serializers.UUIDField()
    code = serializers.CharField()
    message = serializers.CharField()


class CancelAllSerializer(serializers.Serializer[Any]):
    """The orders that were cancelled, and those that could not be."""

    cancelled = OrderSerializer(many=True)
    refused = CancelRefusalSerializer(many=True)
