"""A run beside a backtest, in the API; documentation of `selectors.divergence`."""

from typing import Any

from rest_framework import serializers

from backtests.models import Run
from core.api.fields import InstantField, PriceField
from trading.brokers.domain.terms import Side
from trading.strategies.domain.divergence import Verdict

VERDICTS = [each.value for each in Verdict]


class TradedSerializer(serializers.Serializer[Any]):
    """The trades of one order as one."""

    order = serializers.CharField(help_text="the order's id; in a backtest its name there")
    at = InstantField()
    quantity = serializers.IntegerField()
    price = PriceField(help_text="the average")
    charges = PriceField()


class ComparedSerializer(serializers.Serializer[Any]):
    """One trade on both sides, or on the one that has it."""

    verdict = serializers.ChoiceField(choices=VERDICTS)
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[each.value for each in Side])
    at = InstantField()
    run = TradedSerializer(allow_null=True)
    backtest = TradedSerializer(allow_null=True)
    delay_seconds = serializers.FloatField(allow_null=True)
    slippage = PriceField(
        allow_null=True, help_text="what the run's price cost it, rupees; null if one side lacks it"
    )
    reason = serializers.CharField(allow_blank=True, help_text="what the run has recorded of the difference")


class ComparedPageSerializer(serializers.Serializer[Any]):
    """A page of trades, in order of time."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    results = ComparedSerializer(many=True)


class DivergenceTotalsSerializer(serializers.Serializer[Any]):
    """Totals over what both sides could trade."""

    since = InstantField()
    until = InstantField()
    run_trades = serializers.IntegerField()
    backtest_trades = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="trades of either side before `since` or after `until`")
    agreement = serializers.FloatField(help_text="share of trades that both made in the same quantity, 0 to 1")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text=f"by {', '.join(VERDICTS)}")
    slippage = PriceField(help_text="what prices cost the run against the backtest, rupees")
    charges = PriceField(help_text="how much more the run paid, rupees")


class DivergenceSerializer(serializers.Serializer[Any]):
    """The newest backtest of a run's span, and the comparison once that is done."""

    run = serializers.UUIDField()
    backtest = serializers.UUIDField(allow_null=True, help_text="null: none was asked for yet")
    status = serializers.ChoiceField(choices=Run.Status.values, allow_null=True)
    progress = serializers.FloatField(allow_null=True)
    message = serializers.CharField(allow_blank=True)
    to = serializers.DateField(allow_null=True)
    comparison = DivergenceTotalsSerializer(allow_null=True)
    trades = ComparedPageSerializer()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": serializers.DateField(allow_null=True)}
