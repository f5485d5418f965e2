"""Official settlement prices. Shared by all organisations."""

from django.db import models
from django.db.models import Q

from trading.instruments.models import Instrument

from .candle import PRICE_DIGITS, PRICE_PLACES


class SettlementPrice(models.Model):
    """A day's official settlement price, in rupees; for an index its close, by which its contracts are settled.

    Where none is entered, `selectors.settlement_price` derives one from the day's candles.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    date = models.DateField()
    price = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    source = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-date", "instrument"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "date"], name="settlement_price_once_a_day"),
            models.CheckConstraint(condition=Q(price__gte=0), name="settlement_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.date} {self.price}"
