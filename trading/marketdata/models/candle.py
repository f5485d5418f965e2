"""One-minute candles. Shared by all organisations."""

from django.db import models
from django.db.models import F, Q

from trading.instruments.models import Instrument

PRICE_DIGITS = 14
PRICE_PLACES = 4


def possible_prices() -> Q:
    """What every bar obeys: positive, open and close within low and high."""
    return Q(
        low__gt=0,
        high__gte=F("low"),
        open__gte=F("low"),
        open__lte=F("high"),
        close__gte=F("low"),
        close__lte=F("high"),
    )


class Candle(models.Model):
    """A one-minute bar; longer intervals derive from these. `start` is the first instant of the minute (UTC).

    On PostgreSQL the table is partitioned by month of the Indian date (`services.partitions`).
    """

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
            models.CheckConstraint(name="candle_prices_are_possible", condition=possible_prices()),
            models.CheckConstraint(name="candle_volume_not_negative", condition=Q(volume__gte=0, oi__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.start:%Y-%m-%d %H:%M} {self.close}"
