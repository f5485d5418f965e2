"""Imports of market data files, and what they refused. Shared by all organisations."""

from django.db import models
from django.db.models import F, Q


class FileImport(models.Model):
    """One finished import of a file; a failed one leaves no trace.

    Every row is counted once: inserted, updated, unchanged, skipped (none of ours to keep), outside the session,
    a duplicate, or rejected.
    """

    class Kind(models.TextChoices):
        CANDLES = "CANDLES", "Candles"
        BHAVCOPY = "BHAVCOPY", "Bhavcopy"
        CORPORATE_ACTIONS = "CORPORATE_ACTIONS", "Corporate actions"
        OPTION_CHAIN = "OPTION_CHAIN", "Option chain"

    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CANDLES)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    finished_at = models.DateTimeField()
    rows_read = models.PositiveIntegerField()
    inserted = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField(default=0)
    outside_session = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()

    class Meta:
        ordering = ["-finished_at"]
        constraints = [
            models.CheckConstraint(
                name="file_import_counts_every_row",
                condition=Q(
                    rows_read=F("inserted")
                    + F("updated")
                    + F("unchanged")
                    + F("skipped")
                    + F("outside_session")
                    + F("duplicates")
                    + F("rejected")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class RejectedFileRow(models.Model):
    """A row that an import refused, with the place to look and the reason; row 1 is the header."""

    run = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="rejected_rows")
    row_number = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=200)

    class Meta:
        ordering = ["run", "row_number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "row_number"], name="rejected_file_row_once"),
        ]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.reason}"
