"""What option chains need besides candles: the interest rate and each contract minute by minute."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from trading.instruments.models import Instrument

from .candle import PRICE_DIGITS, PRICE_PLACES

FROM_FEED = "feed"
"""The source of minutes that were kept as they happened."""


class InterestRate(models.Model):
    """The risk-free rate that forwards, implied volatilities and Greeks are computed with, from a day on.

    Annual, continuously compounded, as a fraction. The row with the latest `valid_from` on or before a day holds.
    """

    valid_from = models.DateField(unique=True)
    rate = models.DecimalField(
        max_digits=7,
        decimal_places=6,
        validators=[MinValueValidator(-1), MaxValueValidator(1)],
        help_text="A fraction: 0.065 is 6.5 %. May be negative.",
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=-1, rate__lt=1), name="interest_rate_is_a_fraction"),
        ]

    def __str__(self) -> str:
        return f"{self.rate} from {self.valid_from}"


class OptionMinute(models.Model):
    """A contract in its chain at the end of a minute: what its candle does not hold, and what was computed then.

    `at` is the end of the minute. `volume` counts from the session's start, `previous_oi` is the open interest at
    the end of the session before. `iv` is annual, a fraction; `forward` and `spot` are the underlying's. Premiums
    by minute are the contract's candles; `ltp` repeats the close so that an imported chain stands without any.
    """

    pk = models.CompositePrimaryKey("instrument", "at")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    ltp = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True)
    bid = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True)
    ask = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True)
    bid_quantity = models.PositiveBigIntegerField(default=0)
    ask_quantity = models.PositiveBigIntegerField(default=0)
    volume = models.PositiveBigIntegerField(default=0)
    oi = models.PositiveBigIntegerField(default=0)
    previous_oi = models.PositiveBigIntegerField(null=True)
    iv = models.FloatField(null=True)
    forward = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True)
    spot = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True)
    source = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ltp__isnull=True) | Q(ltp__gte=0), name="option_minute_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(bid__isnull=True) | Q(ask__isnull=True) | Q(bid__lte=F("ask")),
                name="option_minute_book_not_crossed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.at:%Y-%m-%d %H:%M}"
