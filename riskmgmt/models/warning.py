"""How far limits on losses have been used, so that each crossing is told once."""

from django.db import models

from riskmgmt.domain.warnings import LEVELS
from trading.portfolio.models.account import AccountOwned

from .scope import STRATEGY_LENGTH


class LimitWarning(AccountOwned):
    """The level (per cent of `limit`, one of `LEVELS` or 0) that was last told; limits of the day begin anew."""

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.CASCADE, related_name="+")
    strategy = models.CharField(max_length=STRATEGY_LENGTH, blank=True, default="")
    limit = models.CharField(max_length=40)
    day = models.DateField()
    level = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "strategy", "limit"], name="limit_warning_once"),
            models.CheckConstraint(condition=models.Q(level__in=[0, *LEVELS]), name="limit_warning_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} of {self.account_id} {self.strategy}: {self.level} %"
