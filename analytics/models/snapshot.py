"""What an account was worth at the end of each day."""

from django.db import models
from django.db.models import F, Q

from trading.portfolio.models.account import AccountOwned


class PerformanceSnapshot(AccountOwned):
    """One account's day as it looked when it was last taken; amounts in paise.

    `equity_paise` is cash (with what is blocked, margin and paid-for inventory) plus what open positions have
    gained. `gain_paise` is the day's result after charges, so that the equity of the day before plus deposits less
    withdrawals plus gain is this one's. `unpriced` positions were valued at the price of their last trade.
    A day is taken again when its past has changed (a late fill, a late bhavcopy): the row follows.
    """

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    equity_paise = models.BigIntegerField()
    cash_paise = models.BigIntegerField()
    unrealised_paise = models.BigIntegerField()
    gain_paise = models.BigIntegerField()
    charges_paise = models.BigIntegerField()
    deposits_paise = models.BigIntegerField(default=0)
    withdrawals_paise = models.BigIntegerField(default=0)
    traded_paise = models.BigIntegerField(default=0)
    fills = models.PositiveIntegerField(default=0)
    open_positions = models.PositiveIntegerField(default=0)
    unpriced = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "account"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="snapshot_once_a_day"),
            models.CheckConstraint(
                condition=Q(equity_paise=F("cash_paise") + F("unrealised_paise")), name="snapshot_equity_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(deposits_paise__gte=0, withdrawals_paise__gte=0, traded_paise__gte=0),
                name="snapshot_amounts_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-day"], name="snapshot_by_tenant")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
