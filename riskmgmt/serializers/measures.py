"""Measures of risk in the API: exposure, Greeks, value at risk, stress, marks."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import InstantField

from ..domain.measures.exposure import GROUPS
from ..domain.measures.value_at_risk import Method
from ..models.scope import STRATEGY_LENGTH
from ..selectors.measures import RiskStatus


@extend_schema_field({"type": "string", "format": "decimal", "example": "-10450.25"})
class StatisticField(serializers.CharField):
    """A statistic as a decimal string."""


def _account() -> serializers.UUIDField:
    return serializers.UUIDField(
        required=False, help_text="One account; all that the caller may see when none is named."
    )


def _symbols(text: str) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), help_text=text)


_UNPRICED = "Open positions without a price: in no figure."


_STALE = "Whether a price is old or missing."


class MeasureQuery(serializers.Serializer[Any]):
    """Which book."""

    account = _account()


class ExposureQuery(MeasureQuery):
    """Which book, and what its positions are grouped by."""

    by = serializers.CharField(default="underlying", help_text=f"One of {', '.join(GROUPS)}; else `invalid_by`.")


class ExposureRowSerializer(serializers.Serializer[Any]):
    """The positions of one name. Options count with their delta."""

    name = serializers.CharField()
    gross = StatisticField(help_text="Absolute exposures added up.")
    net = StatisticField(help_text="Long less short.")
    market_value = StatisticField()
    share = StatisticField(help_text="Part of the whole gross exposure, 0 to 1.")


class ExposureSerializer(serializers.Serializer[Any]):
    """The book's exposure by one grouping, the largest first."""

    by = serializers.ChoiceField(choices=list(GROUPS))
    gross = StatisticField()
    net = StatisticField()
    market_value = StatisticField()
    results = ExposureRowSerializer(many=True)
    unpriced = _symbols(_UNPRICED)
    stale = serializers.BooleanField(help_text=_STALE)


class GreeksRowSerializer(serializers.Serializer[Any]):
    """Sensitivities in rupees; delta and gamma in units of the underlying too."""

    underlying = serializers.CharField(allow_blank=True)
    delta = StatisticField(allow_null=True)
    delta_value = StatisticField(help_text="Gain if the underlying rose by 100 % at the present slope.")
    gamma = StatisticField(allow_null=True)
    gamma_value = StatisticField(help_text="What delta_value gains when the underlying rises by 1 %.")
    vega = StatisticField(help_text="Per point of volatility.")
    theta = StatisticField(help_text="Per calendar day.")
    rho = StatisticField(help_text="Per point of interest.")


class GreeksSerializer(serializers.Serializer[Any]):
    """Greeks by underlying, and of the whole book."""

    results = GreeksRowSerializer(many=True)
    total = GreeksRowSerializer()
    unpriced = _symbols(_UNPRICED)
    stale = serializers.BooleanField(help_text=_STALE)


class ValueAtRiskQuery(MeasureQuery):
    """Which book and which tail. Values out of range have codes of their own."""

    confidence = serializers.DecimalField(
        max_digits=6,
        decimal_places=4,
        default=Decimal("0.99"),
        help_text="0.80 to 0.999; else `invalid_confidence`.",
    )
    horizon = serializers.IntegerField(default=1, help_text="Trading days, 1 to 30; else `invalid_horizon`.")
    draws = serializers.IntegerField(
        default=10_000, help_text="Of Monte Carlo, 1,000 to 20,000; else `invalid_draws`."
    )
    seed = serializers.IntegerField(
        default=0, help_text="Of Monte Carlo: the same seed, the same figures; else `invalid_seed`."
    )


class ValueAtRiskRowSerializer(serializers.Serializer[Any]):
    """One method's figures; losses are positive."""

    method = serializers.ChoiceField(choices=[method.value for method in Method])
    var = StatisticField()
    cvar = StatisticField()
    observations = serializers.IntegerField(help_text="Days or draws that the figures stand on.")


class ValueAtRiskSerializer(serializers.Serializer[Any]):
    """Value at risk and CVaR by three methods, and what they cover."""

    status = serializers.ChoiceField(choices=[status.value for status in RiskStatus])
    confidence = StatisticField()
    horizon_days = serializers.IntegerField()
    draws = serializers.IntegerField()
    seed = serializers.IntegerField()
    days = serializers.IntegerField(help_text="Trading days of returns.")
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    covered = StatisticField(help_text="Part of the gross exposure that the figures cover, 0 to 1.")
    uncovered = _symbols("Drivers with too little history: in no figure.")
    unpriced = _symbols(_UNPRICED)
    stale = serializers.BooleanField(help_text=_STALE)
    results = ValueAtRiskRowSerializer(many=True)


class ScenarioSerializer(serializers.Serializer[Any]):
    """A day that happened, laid over the book as it is."""

    name = serializers.CharField()
    price_move = StatisticField()
    volatility_move = StatisticField()
    pnl = StatisticField()


class StressSerializer(serializers.Serializer[Any]):
    """P&L by price move (columns) and volatility move (rows), all underlyings moving together."""

    price_moves = serializers.ListField(child=StatisticField())
    volatility_moves = serializers.ListField(child=StatisticField())
    pnl = serializers.ListField(child=serializers.ListField(child=StatisticField()))
    worst = StatisticField()
    scenarios = ScenarioSerializer(many=True)
    unpriced = _symbols(_UNPRICED)
    stale = serializers.BooleanField(help_text=_STALE)


class MarksQuery(serializers.Serializer[Any]):
    """Whose marks, and of when; today's when nothing is said."""

    account = serializers.UUIDField()
    strategy = serializers.CharField(required=False, allow_blank=True, default="", max_length=STRATEGY_LENGTH)
    to = InstantField(required=False, help_text="Before this moment; at most 7 days after `from`.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": InstantField(required=False, help_text="From this moment on.")}


class MarkSerializer(serializers.Serializer[Any]):
    """One minute; rupees."""

    minute = serializers.DateTimeField()
    equity = StatisticField(allow_null=True, help_text="Of accounts, not of strategies.")
    profit = StatisticField(allow_null=True, help_text="Equity less the owner's capital.")
    day_pnl = StatisticField(help_text="After charges.")
    realised = StatisticField(help_text="Of the day, before charges.")
    unrealised = StatisticField(help_text="Of open positions, since they were opened.")
    gross_exposure = StatisticField()
    net_exposure = StatisticField()
    drawdown = StatisticField(help_text="Below the day's peak.")
    stale = serializers.BooleanField()


class MarksSerializer(serializers.Serializer[Any]):
    """A series of marks, oldest first; a minute in which nothing was marked is absent."""

    account = serializers.UUIDField()
    strategy = serializers.CharField(allow_blank=True)
    worst_drawdown = StatisticField()
    results = MarkSerializer(many=True)
