"""Every figure with its meaning, drawdowns and slippage."""

from typing import Any

from rest_framework import serializers

from analytics.domain.figures import FIGURES, Unit, tile
from analytics.domain.report import PerformanceReport
from analytics.domain.slippage import Slippage
from analytics.serializers.numbers import number, number_field
from analytics.serializers.scope import ConventionsSerializer, PeriodSerializer, conventions_shape, period_shape
from core.api.fields import PriceField
from core.money import rupee_text


class FigureSerializer(serializers.Serializer[Any]):
    """One figure; `value` in its `unit` (PAISE: paise, DURATION: seconds), null where it has no meaning.

    It is the number of the formula whatever it is made of; `told` is whether it says enough for a page to show it.
    """

    key = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    unit = serializers.ChoiceField(choices=[each.value for each in Unit])
    value = number_field()
    told = serializers.BooleanField(help_text="False where it is of too little: pages show a dash.")
    note = serializers.CharField(
        allow_blank=True, help_text="Why it is not told, or of how little it is: `3 days moved, 20 needed`."
    )
    explanation = serializers.CharField()


class DrawdownSerializer(serializers.Serializer[Any]):
    """One fall below a peak."""

    peak = serializers.DateField()
    trough = serializers.DateField()
    recovered = serializers.DateField(allow_null=True)
    depth = serializers.FloatField()
    days = serializers.IntegerField()


class SlippageSerializer(serializers.Serializer[Any]):
    """Executions against decision prices; a positive cost is a loss."""

    fills = serializers.IntegerField()
    estimated = serializers.IntegerField(
        help_text="Fills whose order kept no decision price: the last minute's close stands for it."
    )
    cost = PriceField()
    basis_points = number_field()


class RiskMetricsSerializer(serializers.Serializer[Any]):
    """Every figure with its meaning, and the deepest drawdowns."""

    period = PeriodSerializer()
    figures = FigureSerializer(many=True)
    drawdowns = DrawdownSerializer(many=True)
    slippage = SlippageSerializer()
    conventions = ConventionsSerializer()


def risk_shape(report: PerformanceReport, slipped: Slippage) -> dict[str, Any]:
    """`GET analytics/risk-metrics`."""
    return {
        "period": period_shape(report),
        "figures": [
            {
                "key": each.key,
                "title": each.title,
                "group": each.group.value,
                "unit": each.unit.value,
                "value": number(each.read(report)),
                "told": told.value is not None,
                "note": told.note,
                "explanation": each.explanation,
            }
            for each in FIGURES
            for told in (tile(each, report),)
        ],
        "drawdowns": [
            {
                "peak": fall.peak,
                "trough": fall.trough,
                "recovered": fall.recovered,
                "depth": fall.depth,
                "days": fall.days,
            }
            for fall in report.drawdowns
        ],
        "slippage": {
            "fills": slipped.fills,
            "estimated": slipped.estimated,
            "cost": rupee_text(slipped.cost_paise),
            "basis_points": number(slipped.basis_points),
        },
        "conventions": conventions_shape(report),
    }
