"""The figures of performance as columns, the same of a run, of a sweep's cell and of a walk-forward's window."""

from typing import Any

from django.db import models


def _figure(help_text: str = "") -> "models.FloatField[Any, Any]":
    """A figure that may have no meaning: too few trades, no loss, no deviation."""
    return models.FloatField(null=True, blank=True, help_text=help_text)


class Figures(models.Model):
    """What a result amounts to. Money is paise and net of charges, returns are fractions; null where undefined."""

    bars = models.PositiveBigIntegerField(null=True, blank=True)
    orders = models.PositiveIntegerField(null=True, blank=True)
    trades = models.PositiveIntegerField(null=True, blank=True)
    final_paise = models.BigIntegerField(null=True, blank=True)
    net_paise = models.BigIntegerField(null=True, blank=True)
    charges_paise = models.BigIntegerField(null=True, blank=True)
    best_paise = models.BigIntegerField(null=True, blank=True)
    worst_paise = models.BigIntegerField(null=True, blank=True)
    total_return = _figure()
    cagr = _figure()
    volatility = _figure()
    sharpe = _figure()
    sortino = _figure()
    calmar = _figure()
    omega = _figure()
    max_drawdown = _figure("zero or negative")
    longest_drawdown_days = models.PositiveIntegerField(null=True, blank=True)
    value_at_risk = _figure("of a day, 95 %")
    conditional_value_at_risk = _figure("of a day, 95 %")
    win_rate = _figure()
    profit_factor = _figure()
    payoff = _figure()
    expectancy_paise = _figure()
    longest_wins = models.PositiveIntegerField(null=True, blank=True)
    longest_losses = models.PositiveIntegerField(null=True, blank=True)
    mean_held_seconds = _figure()
    exposure = _figure("share of time with a position")
    turnover = _figure("what was traded, in multiples of the capital")
    benchmark_return = _figure()
    alpha = _figure()
    beta = _figure()
    correlation = _figure()

    class Meta:
        abstract = True
