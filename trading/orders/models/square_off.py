"""How the closing of an account's intraday positions goes, one row a segment and day."""

from django.db import models

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.portfolio.models.account import AccountOwnedQuerySet
from trading.portfolio.models.lifecycle import SEGMENTS


class SquareOff(OrganisationOwned):
    """Made by the warning, or by the first attempt; `attempts` counts rounds, `next_at` is when the next is due.

    `finished_at` is set when nothing is open any more, or when the session has ended with something left over.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    segment = models.CharField(max_length=20, choices=SEGMENTS)
    date = models.DateField()
    warned_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    orders = models.PositiveIntegerField(default=0, help_text="Closing orders that traded.")
    left = models.PositiveIntegerField(default=0, help_text="Positions still open after the latest round.")
    reason = models.CharField(max_length=255, blank=True, default="")
    alarmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-date", "segment"]
        constraints = [
            models.UniqueConstraint(fields=["account", "segment", "date"], name="square_off_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.date}: {self.attempts} rounds, {self.left} left"
