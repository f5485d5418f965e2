"""Imports of instrument masters, and what they refused."""

from django.db import models
from django.db.models import F, Q

from .instrument import Source


class ImportRun(models.Model):
    """One finished import of an instrument master; a failed one leaves no trace."""

    source = models.CharField(max_length=10, choices=Source.choices)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    master_date = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    rows_read = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    tokens_opened = models.PositiveIntegerField()
    tokens_closed = models.PositiveIntegerField()

    class Meta:
        ordering = ["-finished_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("created") + F("updated") + F("unchanged") + F("rejected")),
                name="import_run_counts_every_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.master_date}: {self.filename}"


class RejectedRow(models.Model):
    """A row that an import refused, with the place to look and the reason."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejected_rows")
    row_number = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=300)

    class Meta:
        ordering = ["run", "row_number"]
        constraints = [models.UniqueConstraint(fields=["run", "row_number"], name="rejected_row_once")]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.reason}"
