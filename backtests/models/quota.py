"""How much of the machines one organisation may take."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.tenancy import OrganisationOwned


class Quota(OrganisationOwned):
    """One organisation's own bounds; without a row the installation's (`BACKTEST_QUOTA`) hold."""

    running = models.PositiveSmallIntegerField(default=2, help_text="runs that are worked on at once")
    waiting = models.PositiveSmallIntegerField(default=50, help_text="runs that may be queued or running")
    cells = models.PositiveIntegerField(default=10_000, help_text="combinations of one sweep or walk-forward")
    bars = models.PositiveBigIntegerField(default=5_000_000, help_text="bars of one run, over all its symbols")
    bar_cells = models.PositiveBigIntegerField(
        default=2_000_000_000, help_text="bars times combinations of one sweep or walk-forward"
    )
    kept = models.PositiveIntegerField(default=2_000, help_text="finished runs that are kept")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation"], name="backtests_quota_once"),
            models.CheckConstraint(
                name="backtests_quota_positive",
                condition=Q(running__gt=0, waiting__gt=0, cells__gt=0, bars__gt=0, bar_cells__gt=0, kept__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}"
