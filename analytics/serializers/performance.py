"""The headlines: figures as JSON numbers (fractions; null without a meaning), money as strings."""

from typing import Any

from rest_framework import serializers

from analytics.domain.report import PerformanceReport
from analytics.serializers.numbers import expectancy_text, number, number_field
from analytics.serializers.scope import ConventionsSerializer, PeriodSerializer, conventions_shape, period_shape
from core.api.fields import PriceField
from core.money import rupee_text


class PerformanceSerializer(serializers.Serializer[Any]):
    """The headlines of a span."""

    period = PeriodSerializer()
    returns = number_field()
    money_weighted = number_field()
    cagr = number_field()
    volatility = number_field()
    sharpe = number_field()
    sortino = number_field()
    calmar = number_field()
    omega = number_field()
    max_drawdown = number_field()
    win_rate = number_field()
    profit_factor = number_field()
    payoff = number_field()
    expectancy = PriceField(allow_null=True)
    trades = serializers.IntegerField()
    total_pnl = PriceField(help_text="Before charges.")
    charges = PriceField()
    net_pnl = PriceField()
    opening = PriceField()
    closing = PriceField()
    paid_in = PriceField()
    taken_out = PriceField()
    exposure = number_field()
    turnover = number_field()
    conventions = ConventionsSerializer()


def performance_shape(report: PerformanceReport) -> dict[str, Any]:
    """`GET analytics/performance`."""
    money, trades, risk = report.money, report.trades, report.risk
    return {
        "period": period_shape(report),
        "returns": number(report.returns.total),
        "money_weighted": number(report.returns.money_weighted),
        "cagr": number(report.returns.annual),
        "volatility": number(risk.volatility),
        "sharpe": number(risk.sharpe),
        "sortino": number(risk.sortino),
        "calmar": number(risk.calmar),
        "omega": number(risk.omega),
        "max_drawdown": number(risk.max_drawdown),
        "win_rate": number(trades.win_rate),
        "profit_factor": number(trades.profit_factor),
        "payoff": number(trades.payoff),
        "expectancy": expectancy_text(trades.expectancy_paise),
        "trades": trades.trades,
        "total_pnl": rupee_text(money.gross_paise),
        "charges": rupee_text(money.charges_paise),
        "net_pnl": rupee_text(money.net_paise),
        "opening": rupee_text(money.opening_paise),
        "closing": rupee_text(money.closing_paise),
        "paid_in": rupee_text(money.paid_in_paise),
        "taken_out": rupee_text(money.paid_out_paise),
        "exposure": number(report.exposure),
        "turnover": number(report.turnover),
        "conventions": conventions_shape(report),
    }
