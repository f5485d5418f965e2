"""The best that an account, a strategy, a user or an organisation has been."""

from django.db import models

from .scope import Reaching, one_per_reach


class RiskPeak(Reaching):
    """Peaks in paise; those of the day count only on their `day`.

    `profit_peak_paise` is the highest ever of equity less the owner's capital, so that deposits and withdrawals
    make neither a peak nor a drawdown. Accounts always have a row; organisations, users and strategies over all
    accounts from when a limit of theirs asks for it. `locked_on` is the trading day on which the lock closed.
    """

    day = models.DateField()
    day_peak_paise = models.BigIntegerField(default=0)
    profit_peak_paise = models.BigIntegerField(default=0)
    locked_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [*one_per_reach("risk_peak")]

    def __str__(self) -> str:
        return f"peaks of {self.user if self.user_id else self.scope_label}"
