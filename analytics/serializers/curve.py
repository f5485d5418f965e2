"""Worth by day, and returns by month."""

from typing import Any

from rest_framework import serializers

from analytics.domain.report import PerformanceReport
from analytics.serializers.numbers import number_field
from analytics.serializers.scope import PeriodSerializer, period_shape
from core.api.fields import PriceField
from core.money import rupee_text


class EquityPointSerializer(serializers.Serializer[Any]):
    """One day."""

    date = serializers.DateField()
    equity = PriceField()
    paid_in = PriceField(help_text="Negative: taken out.")
    net_pnl = PriceField()
    growth = serializers.FloatField(help_text="Of one rupee since before the span, time-weighted.")
    drawdown = serializers.FloatField()
    index = number_field()


class YearOfMonthsSerializer(serializers.Serializer[Any]):
    """A year's months, January first; null where no day was counted."""

    year = serializers.IntegerField()
    months = serializers.ListField(child=number_field())
    total = serializers.FloatField()


class EquityCurveSerializer(serializers.Serializer[Any]):
    """Worth by day, ascending."""

    period = PeriodSerializer()
    index = serializers.CharField(allow_blank=True)
    points = EquityPointSerializer(many=True)
    months = YearOfMonthsSerializer(many=True)


def curve_shape(report: PerformanceReport) -> dict[str, Any]:
    """`GET analytics/equity-curve`."""
    curve = report.curve
    index = curve.index or (None,) * len(curve.days)
    return {
        "period": period_shape(report),
        "index": report.index.name,
        "points": [
            {
                "date": day,
                "equity": rupee_text(curve.worth_paise[at]),
                "paid_in": rupee_text(curve.flows_paise[at]),
                "net_pnl": rupee_text(report.days[at].gain_paise),
                "growth": curve.growth[at],
                "drawdown": curve.drawdown[at],
                "index": index[at],
            }
            for at, day in enumerate(curve.days)
        ],
        "months": [{"year": each.year, "months": list(each.months), "total": each.total} for each in report.months],
    }
