"""One-minute candles, and the imports that brought them. Shared by all organisations."""

from django.db import models
from django.db.models import F, Q

from trading.instruments.models import Instrument

PRICE_DIGITS = 14
PRICE_PLACES = 4


class Candle(models.Model):
    """A one-minute bar; longer intervals derive from these. `start` is the first instant of the minute (UTC)."""

    pk = models.CompositePrimaryKey("instrument_id", "start")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+", db_index=False)
    start = models.DateTimeField()
    open = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    high = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    low = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    close = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    volume = models.BigIntegerField(default=0)
    oi = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="candle_prices_are_possible",
                condition=Q(
                    low__gt=0,
                    high__gte=F("low"),
                    open__gte=F("low"),
                    open__lte=F("high"),
                    close__gte=F("low"),
                    close__lte=F("high"),
                ),
            ),
            models.CheckConstraint(name="candle_volume_not_negative", condition=Q(volume__gte=0, oi__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.start:%Y-%m-%d %H:%M} {self.close}"


class CandleImport(models.Model):
    """One finished import of a candle file; a failed one leaves no trace."""

    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    finished_at = models.DateTimeField()
    rows_read = models.PositiveIntegerField()
    inserted = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    outside_session = models.PositiveIntegerField()
    duplicates = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()

    class Meta:
        ordering = ["-finished_at"]
        constraints = [
            models.CheckConstraint(
                name="candle_import_counts_every_row",
                condition=Q(
                    rows_read=F("inserted")
                    + F("updated")
                    + F("unchanged")
                    + F("outside_session")
                    + F("duplicates")
                    + F("rejected")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class RejectedCandleRow(models.Model):
    """A row that an import refused, with the place to look and the reason; row 1 is the header."""

    run = models.ForeignKey(CandleImport, on_delete=models.CASCADE, related_name="rejected_rows")
    row_number = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=200)

    class Meta:
        ordering = ["run", "row_number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "row_number"], name="rejected_candle_row_once"),
        ]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.reason}"
