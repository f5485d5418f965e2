"""Every figure with its meaning, drawdowns and slippage."""

from typing import Any

from rest_framework import serializers

from analytics.domain.figures import FIGURES, Unit
from analytics.domain.report import PerformanceReport
from analytics.domain.slippage import Slippage
from analytics.serializers.numbers import number, number_field
from analytics.serializers.scope import ConventionsSerializer, PeriodSerializer, conventions_shape, period_shape
from core.api.fields import PriceField
from core.money import rupee_text


class FigureSerializer(serializers.Serializer[Any]):
    """One figure; `value` in its `unit` (PAISE: paise, DURATION: seconds), null where it has no meaning."""

    key = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    unit = serializers.ChoiceField(choices=[each.value for each in Unit])
    value = number_field()
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
                "explanation": each.explanation,
            }
            for each in FIGURES
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
