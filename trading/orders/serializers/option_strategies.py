"""The shape of what the strategy builder's API takes and gives. Rules are the domain's; here are types."""

from decimal import Decimal, InvalidOperation
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from core.errors import InvalidInput
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.domain.options.payoff import LegKind
from trading.marketdata.domain.options.strategy import Basis
from trading.orders.domain.shapes import SHAPES, View
from trading.orders.domain.strategy_leg import StrategyLeg, WhatIf
from trading.orders.selectors.strategies.market import PriceSource, VolatilitySource
from trading.orders.serializers.group_input import read_expiry
from trading.orders.serializers.groups import GroupPreviewSerializer
from trading.orders.serializers.orders import StrictPriceField, StrictQuantityField

Data = dict[str, Any]


@extend_schema_field({"type": "string", "format": "decimal", "example": "-1.5"})
class ShiftField(serializers.Field[Any, Any, Any, Any]):
    """A number that a what-if moves the market by, as a decimal string or a JSON number."""

    def to_internal_value(self, data: Any) -> Decimal:
        """The number; one that is none raises InvalidInput (`invalid_what_if`)."""
        try:
            if isinstance(data, str | int | float) and not isinstance(data, bool) and len(str(data)) <= 32:
                return Decimal(str(data).strip())
        except InvalidOperation:
            pass
        message = "Write a number, as in -1.5."
        raise InvalidInput(message, code="invalid_what_if", errors={str(self.field_name): [message]})

    def to_representation(self, value: Any) -> str:
        return str(value)


class StrategyLegInput(serializers.Serializer[Any]):
    """One leg."""

    symbol = serializers.CharField(max_length=64)
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    lots = StrictQuantityField(help_text="Lots of a contract, units of a share")
    price = StrictPriceField(
        required=False, allow_null=True, help_text="The entry; without it what the market asks"
    )
    held = serializers.BooleanField(
        required=False, default=False, help_text="A position already: counted, not sent"
    )
    iv_shift = ShiftField(required=False, default=Decimal(0), help_text="Points of volatility, for this leg alone")


class WhatIfInput(serializers.Serializer[Any]):
    """How the market may have moved."""

    spot_pct = ShiftField(required=False, default=Decimal(0), help_text="Per cent of the present spot")
    spot = StrictPriceField(required=False, allow_null=True, help_text="Instead: the underlying's price")
    iv_shift = ShiftField(required=False, default=Decimal(0), help_text="Points of volatility, for every leg")
    days = ShiftField(required=False, default=Decimal(0), help_text="Calendar days ahead; may be a fraction")
    at = InstantField(required=False, allow_null=True, help_text="Instead: the moment itself")


class PayoffInput(serializers.Serializer[Any]):
    """A strategy to look at. With an `account` also its margin and charges, as if it were sent."""

    legs = StrategyLegInput(many=True)
    what_if = WhatIfInput(required=False)
    account = serializers.UUIDField(required=False, allow_null=True)
    product = serializers.ChoiceField(choices=[str(Product.NORMAL), str(Product.INTRADAY)], default="NORMAL")
    include_positions = serializers.BooleanField(
        required=False, default=False, help_text="Add the account's open positions on the underlying as held legs"
    )


class KeptStrategyInput(serializers.Serializer[Any]):
    """A strategy to keep."""

    name = serializers.CharField(max_length=64)
    legs = StrategyLegInput(many=True)


class ShapeQuery(serializers.Serializer[Any]):
    """On which chain a shape is wanted, and how often."""

    underlying = serializers.CharField(max_length=40)
    exchange = serializers.ChoiceField(choices=["NFO", "BFO"], default="NFO")
    expiry = serializers.CharField(max_length=16, help_text="A date, or current_week, next_week, current_month, …")
    lots = serializers.IntegerField(min_value=1, max_value=1000, default=1)

    def validate_expiry(self, value: str) -> Any:
        """A date or one of the rules."""
        return read_expiry(value)


class GreekSumSerializer(serializers.Serializer[Any]):
    """Of a whole leg or strategy."""

    delta = PriceField(help_text="Units of the underlying")
    gamma = PriceField(decimal_places=6, help_text="Units per rupee")
    vega = PriceField(help_text="Rupees per point of volatility")
    theta = PriceField(help_text="Rupees per calendar day")
    rho = PriceField(help_text="Rupees per point of interest")


class StrategyLegSerializer(serializers.Serializer[Any]):
    """One leg in the what-if's market."""

    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    lots = serializers.IntegerField()
    quantity = serializers.IntegerField(help_text="Units")
    kind = serializers.ChoiceField(choices=[str(kind) for kind in LegKind])
    strike = PriceField(allow_null=True)
    expiry = serializers.DateField(allow_null=True)
    held = serializers.BooleanField()
    price = PriceField(help_text="The entry")
    price_source = serializers.ChoiceField(choices=[str(source) for source in PriceSource])
    market_price = PriceField(allow_null=True)
    stale = serializers.BooleanField()
    iv = PriceField(allow_null=True, help_text="Annual, 0.15 is 15 %; before any shift")
    iv_source = serializers.ChoiceField(choices=[str(source) for source in VolatilitySource], allow_null=True)
    value = PriceField(help_text="Per unit by model, in the what-if's market")
    pnl = PriceField()
    greeks = GreekSumSerializer()


class ExtremeSerializer(serializers.Serializer[Any]):
    """The best or the worst end; `amount` and `at` are null where it has no bound."""

    unbounded = serializers.BooleanField()
    amount = PriceField(allow_null=True)
    at = PriceField(allow_null=True, help_text="The underlying's price there")


class RangeSerializer(serializers.Serializer[Any]):
    """Prices that were searched."""

    low = PriceField()
    high = PriceField()


class AssumptionSerializer(serializers.Serializer[Any]):
    """What the probability of profit rests on."""

    distribution = serializers.ChoiceField(choices=["lognormal"])
    forward = PriceField(help_text="The mean: the first expiry's forward")
    volatility = PriceField(help_text="At the money at the first expiry, shifts included")
    days = PriceField()


class PointSerializer(serializers.Serializer[Any]):
    """What is gained at a moment and a price."""

    at = InstantField()
    spot = PriceField()
    pnl = PriceField()


class CurveSerializer(serializers.Serializer[Any]):
    """P&L by the underlying's price: columns of one length."""

    spot = serializers.ListField(child=PriceField())
    expiry = serializers.ListField(child=PriceField())
    now = serializers.ListField(child=PriceField())
    what_if = serializers.ListField(child=PriceField())


class WarningSerializer(serializers.Serializer[Any]):
    """What to keep in mind."""

    code = serializers.CharField()
    message = serializers.CharField()


class PayoffSerializer(serializers.Serializer[Any]):
    """A strategy's analysis; money in rupees."""

    underlying = serializers.CharField()
    spot = PriceField()
    stale = serializers.BooleanField()
    at = InstantField()
    rate = PriceField()
    expires_at = InstantField(allow_null=True, help_text="The first expiry; null of shares alone")
    last_expires_at = InstantField(allow_null=True, help_text="The last expiry: how far a what-if may look")
    legs = StrategyLegSerializer(many=True)
    net_premium = PriceField(help_text="Received (positive) or paid (negative) for the options")
    basis = serializers.ChoiceField(
        choices=[str(basis) for basis in Basis],
        help_text="EXACT: straight lines at one expiry; MODEL: some options live on and are valued by model",
    )
    max_gain = ExtremeSerializer()
    max_loss = ExtremeSerializer()
    break_evens = serializers.ListField(child=PriceField())
    searched = RangeSerializer(allow_null=True, help_text="Where MODEL figures were looked for")
    probability_of_profit = PriceField(allow_null=True, help_text="From 0 to 1, at the first expiry")
    assumption = AssumptionSerializer(allow_null=True)
    greeks = GreekSumSerializer()
    now = PointSerializer()
    what_if = PointSerializer()
    curve = CurveSerializer()
    warnings = WarningSerializer(many=True)
    order = GroupPreviewSerializer(
        allow_null=True, help_text="Margin, charges and verdicts; null without an account"
    )


class KeptLegSerializer(serializers.Serializer[Any]):
    """A leg of a kept strategy."""

    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    lots = serializers.IntegerField()
    price = PriceField(allow_null=True)
    held = serializers.BooleanField()


class KeptStrategySerializer(serializers.Serializer[Any]):
    """A kept strategy."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    underlying = serializers.CharField()
    legs = KeptLegSerializer(many=True)
    link = serializers.CharField(help_text="What follows ?legs= in the builder's address")
    updated_at = InstantField()


class ShapeSerializer(serializers.Serializer[Any]):
    """A ready-made strategy."""

    key = serializers.ChoiceField(choices=list(SHAPES))
    name = serializers.CharField()
    view = serializers.ChoiceField(choices=[str(view) for view in View])


class ShapeLegsSerializer(serializers.Serializer[Any]):
    """The contracts that a shape means now."""

    shape = serializers.CharField()
    legs = KeptLegSerializer(many=True)
    link = serializers.CharField()


def legs_of(data: Data) -> list[StrategyLeg]:
    """Legs as a body names them."""
    return [
        StrategyLeg(
            key=leg["symbol"].upper(),
            side=Side(leg["side"]),
            lots=leg["lots"],
            price=leg.get("price"),
            is_held=leg["held"],
            iv_shift=leg["iv_shift"],
        )
        for leg in data["legs"]
    ]


def what_if_of(data: Data) -> WhatIf:
    """The what-if of a body; the market as it is where it names none."""
    return WhatIf(**(data.get("what_if") or {}))
