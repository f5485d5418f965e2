"""What is looked at, and the period and conventions that every answer names."""

from typing import Any

from rest_framework import serializers

from analytics.domain.report import PerformanceReport
from trading.brokers.domain.terms import Product


class ScopeQuery(serializers.Serializer[Any]):
    """What is looked at; all accounts that the caller may see, and all of them, when nothing is named."""

    account = serializers.UUIDField(required=False)
    strategy = serializers.CharField(required=False, allow_blank=True, max_length=64)
    symbol = serializers.CharField(required=False, max_length=60, default="")
    product = serializers.ChoiceField(required=False, choices=[each.value for each in Product])
    tag = serializers.CharField(required=False, max_length=64, default="")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # Python keeps `from` from being a class attribute.
        return {
            **super().get_fields(),
            "from": serializers.DateField(required=False, help_text="First day in India, included."),
            "to": serializers.DateField(required=False, help_text="Last day in India, included."),
        }


class PeriodSerializer(serializers.Serializer[Any]):
    """The days that were counted."""

    days = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateField(allow_null=True),
            "to": serializers.DateField(allow_null=True),
            **super().get_fields(),
        }


class ConventionsSerializer(serializers.Serializer[Any]):
    """How the figures were reckoned."""

    periods_per_year = serializers.IntegerField()
    risk_free = serializers.FloatField()
    confidence = serializers.FloatField()
    index = serializers.CharField(allow_blank=True)


def period_shape(report: PerformanceReport) -> dict[str, Any]:
    days = report.curve.days
    return {"from": days[0] if days else None, "to": days[-1] if days else None, "days": len(days)}


def conventions_shape(report: PerformanceReport) -> dict[str, Any]:
    kept = report.conventions
    return {
        "periods_per_year": kept.periods_per_year,
        "risk_free": kept.risk_free,
        "confidence": kept.confidence,
        "index": report.index.name,
    }
