"""Performance in the API: figures as JSON numbers (fractions; null without a meaning), money as strings."""

import math
from fractions import Fraction
from typing import Any

from rest_framework import serializers

from analytics.domain.breakdown import By
from analytics.domain.figures import FIGURES, Unit, Value
from analytics.domain.report import PerformanceReport
from analytics.domain.slippage import Slippage
from analytics.models import PerformanceSnapshot
from analytics.selectors.breakdown import Part
from core.api.fields import PriceField
from core.money import rupee_text
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


class BreakdownQuery(ScopeQuery):
    """What is looked at, and what it is grouped by."""

    by = serializers.ChoiceField(choices=[each.value for each in By], default=By.SYMBOL.value)


class SnapshotsQuery(serializers.Serializer[Any]):
    """Which snapshots."""

    account = serializers.UUIDField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            **super().get_fields(),
            "from": serializers.DateField(required=False),
            "to": serializers.DateField(required=False),
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


def _number() -> serializers.FloatField:
    return serializers.FloatField(allow_null=True)


class PerformanceSerializer(serializers.Serializer[Any]):
    """The headlines of a span."""

    period = PeriodSerializer()
    returns = _number()
    money_weighted = _number()
    cagr = _number()
    volatility = _number()
    sharpe = _number()
    sortino = _number()
    calmar = _number()
    omega = _number()
    max_drawdown = _number()
    win_rate = _number()
    profit_factor = _number()
    payoff = _number()
    expectancy = PriceField(allow_null=True)
    trades = serializers.IntegerField()
    total_pnl = PriceField(help_text="Before charges.")
    charges = PriceField()
    net_pnl = PriceField()
    opening = PriceField()
    closing = PriceField()
    paid_in = PriceField()
    taken_out = PriceField()
    exposure = _number()
    turnover = _number()
    conventions = ConventionsSerializer()


class FigureSerializer(serializers.Serializer[Any]):
    """One figure; `value` in its `unit` (PAISE: paise, DURATION: seconds), null where it has no meaning."""

    key = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    unit = serializers.ChoiceField(choices=[each.value for each in Unit])
    value = _number()
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
    cost = PriceField()
    basis_points = _number()


class RiskMetricsSerializer(serializers.Serializer[Any]):
    """Every figure with its meaning, and the deepest drawdowns."""

    period = PeriodSerializer()
    figures = FigureSerializer(many=True)
    drawdowns = DrawdownSerializer(many=True)
    slippage = SlippageSerializer()
    conventions = ConventionsSerializer()


class EquityPointSerializer(serializers.Serializer[Any]):
    """One day."""

    date = serializers.DateField()
    equity = PriceField()
    paid_in = PriceField(help_text="Negative: taken out.")
    net_pnl = PriceField()
    growth = serializers.FloatField(help_text="Of one rupee since before the span, time-weighted.")
    drawdown = serializers.FloatField()
    index = _number()


class EquityCurveSerializer(serializers.Serializer[Any]):
    """Worth by day, ascending."""

    period = PeriodSerializer()
    index = serializers.CharField(allow_blank=True)
    points = EquityPointSerializer(many=True)


class PartSerializer(serializers.Serializer[Any]):
    """One group of a breakdown."""

    name = serializers.CharField(allow_blank=True)
    net_pnl = PriceField()
    gross_pnl = PriceField()
    charges = PriceField()
    turnover = PriceField()
    trades = serializers.IntegerField()
    win_rate = _number()
    profit_factor = _number()
    expectancy = PriceField(allow_null=True)


class BreakdownSerializer(serializers.Serializer[Any]):
    """Groups of a span."""

    by = serializers.ChoiceField(choices=[each.value for each in By])
    results = PartSerializer(many=True)


class SnapshotSerializer(serializers.Serializer[Any]):
    """An account's day."""

    account = serializers.UUIDField()
    day = serializers.DateField()
    equity = PriceField()
    cash = PriceField()
    unrealised = PriceField()
    net_pnl = PriceField()
    charges = PriceField()
    deposits = PriceField()
    withdrawals = PriceField()
    turnover = PriceField()
    fills = serializers.IntegerField()
    open_positions = serializers.IntegerField()
    unpriced = serializers.IntegerField()
    taken_at = serializers.DateTimeField()


def number(value: Value) -> float | None:
    """A figure as JSON takes it: seconds of a duration, null for what is no number."""
    if value is None:
        return None
    found = float(value) if isinstance(value, int | float | Fraction) else value.total_seconds()
    return found if math.isfinite(found) else None


def _expectancy(paise: Fraction | None) -> str | None:
    return None if paise is None else rupee_text(round(paise))


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
        "expectancy": _expectancy(trades.expectancy_paise),
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
            "cost": rupee_text(slipped.cost_paise),
            "basis_points": number(slipped.basis_points),
        },
        "conventions": conventions_shape(report),
    }


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
    }


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
        "expectancy": _expectancy(part.trades.expectancy_paise),
    }


def snapshot_shape(row: PerformanceSnapshot) -> dict[str, Any]:
    """One row of `GET analytics/snapshots`."""
    return {
        "account": row.account_id,
        "day": row.day,
        "equity": rupee_text(row.equity_paise),
        "cash": rupee_text(row.cash_paise),
        "unrealised": rupee_text(row.unrealised_paise),
        "net_pnl": rupee_text(row.gain_paise),
        "charges": rupee_text(row.charges_paise),
        "deposits": rupee_text(row.deposits_paise),
        "withdrawals": rupee_text(row.withdrawals_paise),
        "turnover": rupee_text(row.traded_paise),
        "fills": row.fills,
        "open_positions": row.open_positions,
        "unpriced": row.unpriced,
        "taken_at": row.taken_at,
    }
