"""Shapes of the risk API, for checking what comes in and for the schema."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from core.api.reading import SpanQuery
from trading.brokers.domain.terms import OrderType, Product, Side

from .domain.breaker import BreakerState, Cause
from .domain.limit_specs import ALL_SPECS, TIME_SPECS, LimitSpec
from .domain.limits import LIMIT_NAMES
from .domain.sizing import Method
from .domain.states import Level, Source, State
from .models.scope import REASON_LENGTH, STRATEGY_LENGTH

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


def _account_field(text: str) -> serializers.UUIDField:
    return serializers.UUIDField(required=False, allow_null=True, help_text=text)


def _strategy_field(text: str) -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, default="", max_length=STRATEGY_LENGTH, help_text=text
    )


class LimitsInput(LimitValuesSerializer):
    """What `PUT risk/limits` takes."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "account": _account_field("Leave out to set the organisation's, a user's or a strategy's limits."),
            "user": _account_field("The member whose limits are set; alone."),
            "strategy": _strategy_field("The strategy whose limits are set, in all accounts or in the one named."),
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
    strategy = _strategy_field("A strategy's limits, in all accounts or in the one named.")


class DecisionsQuery(SpanQuery):
    """Filters of decisions."""

    account = serializers.UUIDField(required=False)
    order = serializers.UUIDField(required=False)
    allowed = serializers.BooleanField(required=False, allow_null=True, default=None)
    gate = serializers.CharField(required=False, max_length=30)
    code = serializers.CharField(required=False, max_length=40)
    symbol = serializers.CharField(required=False, max_length=64)
    strategy = _strategy_field("")


class RiskDecisionSerializer(serializers.Serializer[dict[str, Any]]):
    """One gate's decision of one order."""

    id = serializers.IntegerField()
    order = serializers.UUIDField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    strategy = serializers.CharField(allow_blank=True)
    gate = serializers.CharField()
    allowed = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField()
    limit = serializers.CharField(allow_blank=True)
    used = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class StateInput(serializers.Serializer[Any]):
    """What `PUT risk/states` takes."""

    account = _account_field("Leave out for the organisation, or for a strategy in all accounts.")
    strategy = _strategy_field("Leave out for the whole account or organisation.")
    state = serializers.ChoiceField(choices=[str(state) for state in State])
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=REASON_LENGTH)
    expires_at = InstantField(required=False, allow_null=True, help_text="When it goes back to ACTIVE by itself.")


class StateSerializer(serializers.Serializer[Any]):
    """A state that holds trading back."""

    account = serializers.UUIDField(allow_null=True)
    strategy = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[str(level) for level in Level])
    source = serializers.ChoiceField(choices=[str(source) for source in Source])  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=[str(state) for state in State])
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    since = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class StatesSerializer(serializers.Serializer[Any]):
    """States now: what decides for an account (null without one), and all that hold."""

    in_force = serializers.ChoiceField(choices=[str(state) for state in State], allow_null=True)
    states = StateSerializer(many=True)


class StatesQuery(serializers.Serializer[Any]):
    """Whose states."""

    account = serializers.UUIDField(required=False)
    strategy = _strategy_field("")


class KillSwitchInput(serializers.Serializer[Any]):
    """What a press stops."""

    account = _account_field("Leave out for the organisation, or for a strategy in all accounts.")
    strategy = _strategy_field("Leave out for the whole account or organisation.")
    reason = serializers.CharField(max_length=REASON_LENGTH)
    flatten = serializers.BooleanField(default=False, help_text="Close the open positions at market as well.")


class KillSwitchReleaseInput(serializers.Serializer[Any]):
    """Without a token the release is asked for, with it confirmed."""

    id = serializers.UUIDField()
    token = serializers.CharField(required=False, allow_blank=True, default="", max_length=32)


class KillSwitchSerializer(serializers.Serializer[Any]):
    """A press of a kill switch."""

    id = serializers.UUIDField()
    account = serializers.UUIDField(allow_null=True)
    strategy = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[str(level) for level in Level])
    reason = serializers.CharField()
    flatten = serializers.BooleanField()
    pressed_at = serializers.DateTimeField()
    pressed_by = serializers.CharField()
    orders_cancelled = serializers.IntegerField()
    positions_closed = serializers.IntegerField()
    release_asked_at = serializers.DateTimeField(allow_null=True)
    release_asked_by = serializers.CharField(allow_blank=True)
    released_at = serializers.DateTimeField(allow_null=True)
    released_by = serializers.CharField(allow_blank=True)


class KillSwitchesSerializer(serializers.Serializer[Any]):
    """What `GET risk/kill-switch` answers."""

    results = KillSwitchSerializer(many=True)


class KillSwitchReleaseSerializer(KillSwitchSerializer):
    """A press whose release was asked for: the token to confirm with, shown once."""

    token = serializers.CharField()
    token_expires_at = serializers.DateTimeField()


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

    account = _account_field("Leave out for the organisation's accounts that have none of their own.")
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


class BreachesQuery(serializers.Serializer[Any]):
    """Which part of the history."""

    account = serializers.UUIDField(required=False)
    before = InstantField(required=False, help_text="Only what happened before; `next` sets it.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)


class BreachSerializer(serializers.Serializer[Any]):
    """A refused order, a change of a trading state, or a move of a circuit breaker."""

    kind = serializers.ChoiceField(choices=["REFUSAL", "STATE", "BREAKER"])
    at = serializers.DateTimeField()
    account = serializers.UUIDField(allow_null=True)
    account_name = serializers.CharField(allow_blank=True)
    code = serializers.CharField(help_text="The refusal's code, or the new state.")
    message = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)
    order = serializers.UUIDField(allow_null=True)
    symbol = serializers.CharField(allow_blank=True)
    strategy = serializers.CharField(allow_blank=True)
    limit = serializers.CharField(allow_blank=True)
    used = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class BreachesSerializer(serializers.Serializer[Any]):
    """A page of the history."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = BreachSerializer(many=True)


def _number(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=17, decimal_places=4, required=False, **kwargs)


class SizingInput(serializers.Serializer[Any]):
    """A question of size. Capital defaults to the account's equity, the price to the last one."""

    account = serializers.UUIDField()
    symbol = serializers.CharField(max_length=64)
    method = serializers.ChoiceField(choices=[str(method) for method in Method])
    side = serializers.ChoiceField(choices=[str(side) for side in Side], default=str(Side.BUY))
    capital = _number(help_text="Rupees; left out: the account's equity.")
    price = _number(help_text="Entry in rupees; left out: the last price.")
    percent = _number(help_text="Of the capital: what is put in, or what may be lost.")
    stop_price = _number(help_text="RISK_PER_TRADE: where the trade is given up.")
    atr = _number(help_text="VOLATILITY: rupees; left out: measured from candles.")
    atr_multiple = _number(help_text="VOLATILITY: how many ATRs against the trade (2).")
    atr_period = serializers.IntegerField(required=False, default=14)
    atr_interval = serializers.ChoiceField(choices=["1m", "3m", "5m", "15m", "30m", "1h", "1d"], default="1d")
    win_rate = _number(help_text="KELLY: per cent of trades that gain.")
    payoff_ratio = _number(help_text="KELLY: average gain over average loss.")
    kelly_fraction = _number(help_text="KELLY: the part of Kelly's share that is taken (0.5).")
    cap_percent = _number(help_text="KELLY: at most so much of the capital (25).")


class SizingSerializer(serializers.Serializer[Any]):
    """The size, in units, lots and orders."""

    symbol = serializers.CharField()
    method = serializers.ChoiceField(choices=[str(method) for method in Method])
    quantity = serializers.IntegerField()
    lots = serializers.IntegerField()
    lot_size = serializers.IntegerField()
    orders = serializers.ListField(child=serializers.IntegerField())
    price = PriceField()
    capital = PriceField()
    value = PriceField()
    risk = PriceField(allow_null=True)
    percent = PriceField()
    atr = PriceField(allow_null=True)
    reason = serializers.CharField(
        allow_blank=True,
        help_text="below_one_lot, no_edge, kelly_capped, quantity_capped, above_capital, or empty.",
    )
