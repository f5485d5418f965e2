"""Results by what they have in common."""

from typing import Any

from rest_framework import serializers

from analytics.domain.breakdown import By
from analytics.selectors.breakdown import Part
from analytics.serializers.numbers import expectancy_text, number, number_field
from analytics.serializers.scope import ScopeQuery
from core.api.fields import PriceField
from core.money import rupee_text


class BreakdownQuery(ScopeQuery):
    """What is looked at, and what it is grouped by."""

    by = serializers.ChoiceField(choices=[each.value for each in By], default=By.SYMBOL.value)


class PartSerializer(serializers.Serializer[Any]):
    """One group of a breakdown."""

    name = serializers.CharField(allow_blank=True)
    net_pnl = PriceField()
    gross_pnl = PriceField()
    charges = PriceField()
    turnover = PriceField()
    trades = serializers.IntegerField()
    win_rate = number_field()
    profit_factor = number_field()
    expectancy = PriceField(allow_null=True)


class BreakdownSerializer(serializers.Serializer[Any]):
    """Groups of a span."""

    by = serializers.ChoiceField(choices=[each.value for each in By])
    results = PartSerializer(many=True)


def part_shape(part: Part) -> dict[str, Any]:
    """One row of `GET analytics/pnl-breakdown`."""
    return {
        "name": part.name,
        "net_pnl": rupee_text(part.net_paise),
        "gross_pnl": rupee_text(part.gross_paise),
        "charges": rupee_text(part.charges_paise),
        "turnover": rupee_text(part.traded_paise),
        "trades": part.trades.trades,
        "win_rate": number(part.trades.win_rate),
        "profit_factor": number(part.trades.profit_factor),
        "expectancy": expectancy_text(part.trades.expectancy_paise),
    }
