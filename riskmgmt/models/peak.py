"""The best that an account, or a strategy of it, has been."""

from django.db import models

from trading.portfolio.models.account import AccountOwned

from .scope import STRATEGY_LENGTH


class RiskPeak(AccountOwned):
    """Peaks in paise; those of the day count only on their `day`.

    `profit_peak_paise` is the highest ever of equity less the owner's capital, so that deposits and withdrawals
    make neither a peak nor a drawdown. `locked_on` is the trading day on which the profit lock closed.
    """

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.CASCADE, related_name="+")
    strategy = models.CharField(max_length=STRATEGY_LENGTH, blank=True, default="")
    day = models.DateField()
    day_peak_paise = models.BigIntegerField(default=0)
    profit_peak_paise = models.BigIntegerField(default=0)
    locked_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "strategy"], name="risk_peak_once")]

    def __str__(self) -> str:
        return f"peaks of {self.account_id} {self.strategy}".strip()
