"""Daily bars: what the exchange published, else what the minutes add up to. Shared by all organisations."""

from django.db import models
from django.db.models import Q

from trading.instruments.models import Instrument

from .candle import PRICE_DIGITS, PRICE_PLACES, possible_prices


class DailyBar(models.Model):
    """One trading day of one instrument, as traded: prices in rupees, unadjusted for corporate actions.

    There is one row a day. Its prices come from the best source that has spoken, and the higher `Source` wins: a
    bhavcopy over a broker's history, either over the sum of our own minutes. `minutes` is how many one-minute
    candles were stored when the day was last added up, whoever told the prices: gaps are found by it.
    """

    class Source(models.IntegerChoices):
        """Who told the prices; the greater number wins."""

        ROLL_UP = 1, "Minutes"
        HISTORY = 2, "Broker history"
        BHAVCOPY = 3, "Bhavcopy"

    pk = models.CompositePrimaryKey("instrument_id", "date")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+", db_index=False)
    date = models.DateField(db_index=True)
    source = models.PositiveSmallIntegerField(choices=Source)
    open = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    high = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    low = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    close = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES)
    volume = models.BigIntegerField(default=0)
    oi = models.BigIntegerField(default=0)
    previous_close = models.DecimalField(
        max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True, blank=True
    )
    turnover = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    trades = models.BigIntegerField(null=True, blank=True)
    delivered = models.BigIntegerField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="daily_bar_prices_are_possible", condition=possible_prices()),
            models.CheckConstraint(name="daily_bar_volume_not_negative", condition=Q(volume__gte=0, oi__gte=0)),
            models.CheckConstraint(name="daily_bar_source_known", condition=Q(source__in=[1, 2, 3])),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.date} {self.close}"
