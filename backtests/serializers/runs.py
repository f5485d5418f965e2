"""What a backtest is asked with, and how it is told."""

from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from backtests.domain.engine import Charging, Funds
from backtests.domain.option_market import model_from
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Run
from core.api.fields import InstantField, PriceField
from core.api.reading import SpanQuery
from core.money import to_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel

from .option_model import OptionModelInput, OptionModelSerializer

MOST_SYMBOLS = 200
MOST_PARAMETERS = 100
LARGEST_SEED = 2**31 - 1


class ParametersField(serializers.JSONField):
    """Settings of a strategy by name; which there are the strategy says."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """An object of scalars."""
        value: Any = super().to_internal_value(data)
        if not isinstance(value, dict) or len(value) > MOST_PARAMETERS or not all(map(_is_plain, value.values())):
            raise serializers.ValidationError("Must be an object of names and plain values.")
        return value


def _is_plain(value: object) -> bool:
    # A database's JSON takes no null character.
    return isinstance(value, int | float) or (isinstance(value, str) and "\x00" not in value)


class StrategyInput(serializers.Serializer[Any]):
    """One strategy, and what it runs on."""

    strategy = serializers.CharField(max_length=80)
    parameters = ParametersField(default=dict)
    symbols = serializers.ListField(
        child=serializers.CharField(max_length=50), min_length=1, max_length=MOST_SYMBOLS
    )
    interval = serializers.ChoiceField(choices=[each.value for each in Interval])
    product = serializers.ChoiceField(choices=[each.value for each in Product], required=False)

    def terms(self, values: dict[str, Any]) -> StrategyTerms:
        """As the service takes them."""
        return StrategyTerms(
            key=values["strategy"],
            parameters=values["parameters"],
            symbols=tuple(values["symbols"]),
            interval=Interval(values["interval"]),
            product=Product(values["product"]) if "product" in values else None,
        )


class RunInput(StrategyInput):
    """What every kind of run is asked with: a strategy, a span of trading dates (both included), money, costs."""

    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    to = serializers.DateField()
    capital = PriceField(max_digits=16, decimal_places=2, default=Decimal(1_000_000))
    plan = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    charging = serializers.ChoiceField(choices=[each.value for each in Charging], default=Charging.RATES.value)
    funds = serializers.ChoiceField(choices=[each.value for each in Funds], default=Funds.REAL.value)
    slippage_model = serializers.ChoiceField(
        choices=[each.value for each in SlippageModel], required=False, help_text="left out: the venue's own terms"
    )
    slippage_value = serializers.DecimalField(max_digits=8, decimal_places=4, default=Decimal(0), min_value=0)
    square_off = serializers.BooleanField(default=True, help_text="close INTRADAY positions at the rule's time")
    seed = serializers.IntegerField(default=0, min_value=0, max_value=LARGEST_SEED)
    benchmark = serializers.CharField(max_length=50, required=False, allow_blank=True, default="")

    option_model = OptionModelInput(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": serializers.DateField()}

    def run_terms(self, values: dict[str, Any]) -> RunTerms:
        """As the services take them."""
        others = tuple(self.terms(each) for each in values.get("also", ()))
        first: date = values["from"]
        return RunTerms(
            strategies=(self.terms(values), *others),
            first=first,
            last=values["to"],
            capital_paise=to_paise(values["capital"]),
            plan=values["plan"],
            charging=Charging(values["charging"]),
            funds=Funds(values["funds"]),
            slippage_model=SlippageModel(values["slippage_model"]) if "slippage_model" in values else None,
            slippage_value=values["slippage_value"],
            square_off=values["square_off"],
            seed=values["seed"],
            benchmark=values["benchmark"],
            name=values["name"],
            wants_look_ahead=values.get("look_ahead", False),
            option_model=model_from(values["option_model"]) if "option_model" in values else None,
        )


class BacktestInput(RunInput):
    """A backtest; `also` are further strategies that share its capital."""

    also = StrategyInput(many=True, required=False)
    look_ahead = serializers.BooleanField(
        default=False, help_text="also run it with the future cut off, and compare"
    )


class RunPatch(serializers.Serializer[Any]):
    """What may be changed of a run afterwards."""

    name = serializers.CharField(max_length=120, required=False)
    note = serializers.CharField(max_length=4_000, required=False, allow_blank=True)


class RunQuery(SpanQuery):
    """Which runs; `from` and `to` are when they were asked for."""

    status = serializers.CharField(required=False, help_text=f"one or several of {', '.join(Run.Status.values)}")
    strategy = serializers.CharField(
        required=False, max_length=80, help_text="a key; of your own code with @ and a number that version alone"
    )
    symbol = serializers.CharField(required=False, max_length=50, help_text="runs on that instrument")
    requested_by = serializers.UUIDField(required=False, help_text="a member's user")


class MetricsSerializer(serializers.Serializer[Any]):
    """Figures net of charges: money in rupees, returns as fractions, null where a figure has no meaning."""

    returns = serializers.FloatField(allow_null=True)
    cagr = serializers.FloatField(allow_null=True)
    volatility = serializers.FloatField(allow_null=True)
    sharpe = serializers.FloatField(allow_null=True)
    sortino = serializers.FloatField(allow_null=True)
    calmar = serializers.FloatField(allow_null=True)
    omega = serializers.FloatField(allow_null=True)
    max_drawdown = serializers.FloatField(allow_null=True)
    longest_drawdown_days = serializers.IntegerField(allow_null=True)
    value_at_risk = serializers.FloatField(allow_null=True)
    conditional_value_at_risk = serializers.FloatField(allow_null=True)
    win_rate = serializers.FloatField(allow_null=True)
    profit_factor = serializers.FloatField(allow_null=True)
    payoff = serializers.FloatField(allow_null=True)
    expectancy = PriceField(allow_null=True)
    trades = serializers.IntegerField()
    orders = serializers.IntegerField(allow_null=True)
    longest_wins = serializers.IntegerField(allow_null=True)
    longest_losses = serializers.IntegerField(allow_null=True)
    mean_held_seconds = serializers.FloatField(allow_null=True)
    exposure = serializers.FloatField(allow_null=True)
    turnover = serializers.FloatField(allow_null=True)
    best_trade = PriceField()
    worst_trade = PriceField()
    total_pnl = PriceField(help_text="before charges")
    charges = PriceField()
    net_pnl = PriceField()
    final_equity = PriceField()
    benchmark_return = serializers.FloatField(allow_null=True)
    alpha = serializers.FloatField(allow_null=True)
    beta = serializers.FloatField(allow_null=True)
    correlation = serializers.FloatField(allow_null=True)
    bars = serializers.IntegerField(allow_null=True)


class RunStrategySerializer(serializers.Serializer[Any]):
    """One strategy of a run with all its settings."""

    strategy = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField(
        allow_null=True, help_text="of your organisation's own code; null of any other"
    )
    digest = serializers.CharField(allow_null=True, help_text="SHA-256 of the text that was run")
    parameters = serializers.DictField()
    symbols = serializers.ListField(child=serializers.CharField())
    interval = serializers.CharField()
    product = serializers.CharField()


class LookAheadSerializer(serializers.Serializer[Any]):
    """Whether results before a cut changed when the future was taken away."""

    state = serializers.ChoiceField(choices=Run.LookAhead.values)
    detail = serializers.CharField(allow_blank=True)


class CostSerializer(serializers.Serializer[Any]):
    """One kind of charge: a line of the trades' contract notes, or a fee besides trades."""

    code = serializers.CharField()
    title = serializers.CharField()
    amount = PriceField()
    count = serializers.IntegerField(help_text="trades or events that it was charged on")


class RunSerializer(serializers.Serializer[Any]):
    """A run: its terms, how far it is, and its figures once there are any. The first strategy stands at the top."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    strategy = serializers.CharField()
    parameters = serializers.DictField()
    symbols = serializers.ListField(child=serializers.CharField())
    interval = serializers.CharField()
    product = serializers.CharField()
    strategies = RunStrategySerializer(many=True)
    to = serializers.DateField()
    capital = PriceField()
    base_interval = serializers.CharField(help_text="the bars that the market was replayed from")
    plan = serializers.CharField(allow_blank=True)
    charging = serializers.ChoiceField(choices=[each.value for each in Charging])
    funds = serializers.ChoiceField(choices=[each.value for each in Funds])
    slippage_model = serializers.CharField(allow_null=True)
    slippage_value = serializers.CharField()
    square_off = serializers.BooleanField()
    seed = serializers.IntegerField()
    benchmark = serializers.CharField(allow_null=True)
    option_model = OptionModelSerializer(
        allow_null=True, help_text="what priced options where none were stored; null where none are traded"
    )
    modelled_share = serializers.FloatField(
        allow_null=True,
        help_text="of the days of contracts that were traded, the share that the model priced; null if none",
    )
    status = serializers.ChoiceField(choices=Run.Status.values)
    progress = serializers.FloatField(help_text="0 to 1")
    message = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_null=True, help_text="why it failed")
    attempts = serializers.IntegerField(help_text="workers that were lost with it")
    worker_seen_at = InstantField(
        allow_null=True, help_text="when its worker last gave a sign of life; null while nobody works on it"
    )
    requested_at = InstantField()
    started_at = InstantField(allow_null=True)
    finished_at = InstantField(allow_null=True)
    worked_ms = serializers.IntegerField()
    look_ahead = LookAheadSerializer()
    caveats = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True)
    metrics = MetricsSerializer(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": serializers.DateField()}


class RunDetailSerializer(RunSerializer):
    """With what its charges were for."""

    costs = CostSerializer(many=True)
