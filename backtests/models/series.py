"""The arrays of a result, apart from its row so that a list never reads them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.tenancy import OrganisationOwned

from .run import Run


class RunSeries(OrganisationOwned):
    """Arrays of one kind, packed (`backtests.domain.packing`)."""

    class Name(models.TextChoices):
        EQUITY = "EQUITY", "Equity"
        CURVE = "CURVE", "Equity, thinned"
        DAILY = "DAILY", "Daily closes"
        TRADES = "TRADES", "Round trips"
        FILLS = "FILLS", "Fills"
        ORDERS = "ORDERS", "Orders"
        EVENTS = "EVENTS", "Position events"
        LOG = "LOG", "Journal"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="series")
    name = models.CharField(max_length=6, choices=Name)
    rows = models.PositiveBigIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="backtests_series_once"),
            models.CheckConstraint(
                name="backtests_series_name_known",
                condition=Q(name__in=["EQUITY", "CURVE", "DAILY", "TRADES", "FILLS", "ORDERS", "EVENTS", "LOG"]),
            ),
        ]
        verbose_name_plural = "run series"

    def __str__(self) -> str:
        return f"{self.run_id} {self.name}"
