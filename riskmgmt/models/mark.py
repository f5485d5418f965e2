"""Accounts and strategies marked to market, minute by minute."""

from django.db import models

from trading.portfolio.models.account import AccountOwned

from .scope import STRATEGY_LENGTH


class AccountMark(AccountOwned):
    """An account (strategy "") or a strategy of it at one minute of market time; amounts in paise.

    `day_pnl_paise` is the day's result after charges, of which `realised_paise` (gross) is closed;
    `unrealised_paise` is what open positions have gained since they were opened. `drawdown_paise` is how far the
    result lies below the day's best. Equity and profit (equity less the owner's capital) are the account's alone.
    `is_stale` says that some position had no price, or an old one. Rows are written once and only pruned by age.
    """

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    strategy = models.CharField(max_length=STRATEGY_LENGTH, blank=True, default="")
    minute = models.DateTimeField()
    equity_paise = models.BigIntegerField(null=True, blank=True)
    profit_paise = models.BigIntegerField(null=True, blank=True)
    day_pnl_paise = models.BigIntegerField()
    realised_paise = models.BigIntegerField()
    unrealised_paise = models.BigIntegerField()
    gross_exposure_paise = models.BigIntegerField()
    net_exposure_paise = models.BigIntegerField()
    drawdown_paise = models.BigIntegerField()
    is_stale = models.BooleanField(default=False)

    class Meta:
        ordering = ["-minute", "account", "strategy"]
        constraints = [
            models.UniqueConstraint(fields=["account", "strategy", "minute"], name="account_mark_once_a_minute"),
            models.CheckConstraint(
                condition=models.Q(drawdown_paise__gte=0), name="account_mark_drawdown_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["minute"], name="account_mark_minute")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.strategy} at {self.minute:%Y-%m-%d %H:%M}"
