"""Filling gaps from a source of history. Shared by all organisations, like the data it brings."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.ids import new_id
from trading.instruments.models import Instrument


class Backfill(models.Model):
    """One run over a list of gaps; the list is its `days`, so that it goes on where it stopped."""

    class Interval(models.TextChoices):
        MINUTE = "1m", "Minutes"
        DAY = "1d", "Days"

    class Status(models.TextChoices):
        QUEUED = "QUEUED", "Queued"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        CANCELLED = "CANCELLED", "Cancelled"
        FAILED = "FAILED", "Failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.CharField(max_length=20)
    interval = models.CharField(max_length=2, choices=Interval)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    first = models.DateField()
    last = models.DateField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveBigIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    touched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                name="backfill_status_known",
                condition=Q(status__in=["QUEUED", "RUNNING", "DONE", "CANCELLED", "FAILED"]),
            ),
            # A source is asked by one run at a time: its rate is limited, whoever asks.
            models.UniqueConstraint(
                fields=["source"], condition=Q(status="RUNNING"), name="backfill_one_running_a_source"
            ),
            models.CheckConstraint(name="backfill_span", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(name="backfill_done_at_most_all", condition=Q(done__lte=F("total"))),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.interval} {self.first} to {self.last}"

    @property
    def is_live(self) -> bool:
        """Whether there is still something to expect of it, and so to cancel."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def percent(self) -> int:
        """How much of the list is worked through, 0 to 100."""
        return self.done * 100 // self.total if self.total else 100


class BackfillDay(models.Model):
    """One instrument's day on a backfill's list, and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        FILLED = "FILLED", "Filled"
        EMPTY = "EMPTY", "The source has nothing"
        REFUSED = "REFUSED", "Not usable"

    backfill = models.ForeignKey(Backfill, on_delete=models.CASCADE, related_name="days")
    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="+")
    date = models.DateField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    rows_written = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["backfill", "instrument", "date"]
        constraints = [
            models.UniqueConstraint(fields=["backfill", "instrument", "date"], name="backfill_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.date} {self.outcome}"
