"""The shape of what the API takes about groups of orders, targets, conversions and kept baskets."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from rest_framework import serializers

from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.domain.option_choice import ExpiryRule, OptionChoice, Reference, Right, StrikeOffset
from trading.orders.domain.target import TargetIntent
from trading.orders.serializers.orders import StrictPriceField, StrictQuantityField

Data = dict[str, Any]


class TermsInput(serializers.Serializer[Any]):
    """How to trade, whatever is traded."""

    order_type = serializers.ChoiceField(choices=[str(kind) for kind in OrderType], default=str(OrderType.MARKET))
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    validity = serializers.ChoiceField(choices=[str(v) for v in Validity], default=str(Validity.DAY))
    price = StrictPriceField(required=False, allow_null=True)
    trigger_price = StrictPriceField(required=False, allow_null=True)
    disclosed_quantity = StrictQuantityField(required=False, default=0)
    after_market = serializers.BooleanField(required=False, default=False)
    tag = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")


class AmountInput(serializers.Serializer[Any]):
    """How much: units, or lots."""

    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = StrictQuantityField(required=False, allow_null=True, help_text="Units; give these or lots.")
    lots = StrictQuantityField(required=False, allow_null=True, help_text="Lots; give these or a quantity.")

    def validate(self, data: Data) -> Data:
        """Exactly one of the two says how much."""
        if (data.get("quantity") is None) == (data.get("lots") is None):
            raise serializers.ValidationError({"quantity": ["Give a quantity or lots, and not both."]})
        return data


class BasketLegInput(TermsInput, AmountInput):
    """One leg of a basket."""

    symbol = serializers.CharField(max_length=64)


class OptionInput(serializers.Serializer[Any]):
    """An option by its strike or by its offset from at the money."""

    option_type = serializers.ChoiceField(choices=[str(right) for right in Right], required=False)
    offset = serializers.CharField(max_length=6, required=False, help_text="ATM, ITM1 … ITM50, OTM1 … OTM50.")
    strike = StrictPriceField(required=False, allow_null=True)
    expiry = serializers.CharField(
        max_length=16,
        required=False,
        help_text="A date (2026-11-24), or current_week, next_week, current_month, next_month.",
    )

    def validate_offset(self, value: str) -> StrikeOffset:
        """An offset as traders write it."""
        try:
            return StrikeOffset.parse(value)
        except ValueError as error:
            raise serializers.ValidationError("Write ATM, or ITM or OTM with 1 to 50.") from error

    def validate_expiry(self, value: str) -> date | ExpiryRule:
        """A date or one of the rules."""
        return read_expiry(value)


class MultiLegLegInput(OptionInput, TermsInput, AmountInput):
    """One leg of a multi-leg order: a symbol, or an option of the group's underlying."""

    symbol = serializers.CharField(max_length=64, required=False)
    product = serializers.ChoiceField(choices=[str(product) for product in Product], default=str(Product.NORMAL))

    def validate(self, data: Data) -> Data:
        """A leg names one contract, in one way."""
        super().validate(data)
        ways = [name for name in ("symbol", "offset", "strike") if data.get(name) is not None]
        if len(ways) != 1:
            raise serializers.ValidationError({"symbol": ["Give one of symbol, offset and strike."]})
        if ways != ["symbol"] and not data.get("option_type"):
            raise serializers.ValidationError({"option_type": ["Say whether it is a call (CE) or a put (PE)."]})
        return data


class UnderlyingInput(serializers.Serializer[Any]):
    """Whose options are meant."""

    underlying = serializers.CharField(max_length=40, required=False, default="")
    exchange = serializers.ChoiceField(choices=["NFO", "BFO"], default="NFO")
    reference = serializers.ChoiceField(
        choices=[str(reference) for reference in Reference], default=str(Reference.AUTO)
    )


class GroupInput(serializers.Serializer[Any]):
    """What concerns a group as a whole."""

    account = serializers.UUIDField()
    name = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    all_or_nothing = serializers.BooleanField(
        required=False, default=False, help_text="One refused leg keeps all from being placed."
    )
    autoslice = serializers.BooleanField(required=False, default=False)
    client_order_id = serializers.CharField(required=False, max_length=64, trim_whitespace=False)


class BasketInput(GroupInput):
    """A basket to place or to preview."""

    legs = BasketLegInput(many=True)

    def intent(self, client_order_id: str) -> GroupIntent:
        """What is asked for; call after `is_valid()`."""
        data: Data = self.validated_data
        legs = tuple(_leg(data, leg, key=leg["symbol"]) for leg in data["legs"])
        return _group(data, GroupKind.BASKET, legs, client_order_id)


class MultiLegInput(UnderlyingInput, GroupInput):
    """A multi-leg order to place or to preview; `expiry` is for the legs that name none.

    A hedge without its other half is a naked position, so the whole is all or nothing unless it is asked otherwise;
    a basket's legs stand each for itself.
    """

    all_or_nothing = serializers.BooleanField(
        required=False, default=True, help_text="One refused leg keeps all from being placed."
    )
    expiry = serializers.CharField(max_length=16, required=False)
    legs = MultiLegLegInput(many=True)

    def validate_expiry(self, value: str) -> date | ExpiryRule:
        """A date or one of the rules."""
        return read_expiry(value)

    def validate(self, data: Data) -> Data:
        """Legs that are found need to know where."""
        found = [leg for leg in data["legs"] if leg.get("symbol") is None]
        if found and not data["underlying"]:
            raise serializers.ValidationError({"underlying": ["Needed for legs by strike or offset."]})
        if any(leg.get("expiry") is None for leg in found) and data.get("expiry") is None:
            raise serializers.ValidationError({"expiry": ["Needed for legs by strike or offset."]})
        return data

    def intent(self, client_order_id: str) -> GroupIntent:
        """What is asked for; call after `is_valid()`."""
        data: Data = self.validated_data
        legs = tuple(
            _leg(data, leg, key=leg.get("symbol") or "", option=None if leg.get("symbol") else _choice(data, leg))
            for leg in data["legs"]
        )
        return _group(data, GroupKind.MULTI_LEG, legs, client_order_id)


class OptionOrderInput(OptionInput, TermsInput, AmountInput, UnderlyingInput):
    """One option order by strike or offset."""

    account = serializers.UUIDField()
    underlying = serializers.CharField(max_length=40)
    option_type = serializers.ChoiceField(choices=[str(right) for right in Right])
    expiry = serializers.CharField(max_length=16, help_text="A date, or current_week, next_week, current_month, …")
    product = serializers.ChoiceField(choices=[str(product) for product in Product], default=str(Product.NORMAL))
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    autoslice = serializers.BooleanField(required=False, default=False)
    client_order_id = serializers.CharField(required=False, max_length=64, trim_whitespace=False)

    def validate(self, data: Data) -> Data:
        """An offset or a strike, and not both."""
        super().validate(data)
        if (data.get("offset") is None) == (data.get("strike") is None):
            raise serializers.ValidationError({"offset": ["Give an offset or a strike, and not both."]})
        return data

    def intent(self, client_order_id: str) -> GroupIntent:
        """What is asked for; call after `is_valid()`."""
        data: Data = {"name": "", "all_or_nothing": False, **self.validated_data}
        leg = _leg(data, data, key="", option=_choice(data, data))
        return _group(data, GroupKind.OPTION, (leg,), client_order_id)


class TargetInput(TermsInput):
    """A position to reach; `target_quantity` in units, negative for short."""

    account = serializers.UUIDField()
    symbol = serializers.CharField(max_length=64)
    target_quantity = StrictQuantityField()
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    cancel_opposite = serializers.BooleanField(required=False, default=False)
    autoslice = serializers.BooleanField(required=False, default=False)
    client_order_id = serializers.CharField(required=False, max_length=64, trim_whitespace=False)

    def intent(self, client_order_id: str) -> TargetIntent:
        """What is asked for; call after `is_valid()`."""
        data: Data = self.validated_data
        # Side and quantity are what is to be found out.
        order = _order(data, {**data, "side": str(Side.BUY), "quantity": 1}, key=data["symbol"])
        return TargetIntent(
            order=replace(order, client_order_id=client_order_id),
            target_quantity=data["target_quantity"],
            cancel_opposite=data["cancel_opposite"],
            autoslice=data["autoslice"],
        )


class CloseInput(serializers.Serializer[Any]):
    """How much of a position to close (all of it by default), and at which limit (at market by default)."""

    quantity = StrictQuantityField(required=False, allow_null=True)
    price = StrictPriceField(required=False, allow_null=True)


class CloseAllInput(serializers.Serializer[Any]):
    """Which positions to close; every open one that the caller may see when nothing is named."""

    account = serializers.UUIDField(required=False)
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64)
    product = serializers.ChoiceField(choices=[str(product) for product in Product], required=False)


class ConvertInput(serializers.Serializer[Any]):
    """The product to carry a position on as; all of it unless a quantity says otherwise."""

    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    quantity = StrictQuantityField(required=False, allow_null=True)


class GroupQuery(serializers.Serializer[Any]):
    """Filters of the list of groups."""

    account = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=[str(kind) for kind in GroupKind], required=False)
    live = serializers.BooleanField(required=False, default=False)


class BasketRowInput(serializers.Serializer[Any]):
    """One order of a kept basket; quantity in units."""

    symbol = serializers.CharField(max_length=64)
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    quantity = StrictQuantityField(min_value=1)
    order_type = serializers.ChoiceField(choices=[str(kind) for kind in OrderType], default=str(OrderType.MARKET))
    product = serializers.ChoiceField(choices=[str(product) for product in Product])
    price = StrictPriceField(required=False, allow_null=True)
    trigger_price = StrictPriceField(required=False, allow_null=True)
    validity = serializers.ChoiceField(choices=[str(v) for v in Validity], default=str(Validity.DAY))


class KeptBasketInput(serializers.Serializer[Any]):
    """A basket to keep."""

    name = serializers.CharField(max_length=64)
    rows = BasketRowInput(many=True)


def read_expiry(value: str) -> date | ExpiryRule:
    """A date or a rule; raises DRF's ValidationError for anything else."""
    if value in set(ExpiryRule):
        return ExpiryRule(value)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        rules = ", ".join(ExpiryRule)
        raise serializers.ValidationError(f"Write a date as 2026-11-24, or one of {rules}.") from error


def _order(group: Data, leg: Data, *, key: str) -> OrderIntent:
    return OrderIntent(
        account_id=group["account"],
        key=key,
        side=Side(leg["side"]),
        quantity=leg["lots"] if leg.get("quantity") is None else leg["quantity"],
        order_type=OrderType(leg["order_type"]),
        product=Product(leg["product"]),
        validity=Validity(leg["validity"]),
        price=leg.get("price"),
        trigger_price=leg.get("trigger_price"),
        disclosed_quantity=leg["disclosed_quantity"],
        client_order_id="",
        origin=Origin.API,
        strategy=group["strategy"],
        tag=leg["tag"],
        after_market=leg["after_market"],
    )


def _leg(group: Data, leg: Data, *, key: str, option: OptionChoice | None = None) -> LegIntent:
    return LegIntent(order=_order(group, leg, key=key), lots=leg.get("lots"), option=option)


def _choice(group: Data, leg: Data) -> OptionChoice:
    return OptionChoice(
        underlying=group["underlying"].strip().upper(),
        expiry=leg.get("expiry") or group["expiry"],
        right=Right(leg["option_type"]),
        strike=leg["offset"] if leg.get("offset") is not None else leg["strike"],
        exchange=group["exchange"],
        reference=Reference(group["reference"]),
    )


def _group(data: Data, kind: GroupKind, legs: tuple[LegIntent, ...], client_order_id: str) -> GroupIntent:
    account: UUID = data["account"]
    return GroupIntent(
        account_id=account,
        kind=kind,
        legs=legs,
        client_order_id=client_order_id,
        name=data["name"],
        all_or_nothing=data["all_or_nothing"],
        autoslice=data["autoslice"],
        origin=Origin.API,
    )
