"""How far prices may go, and when nothing trades: bands, circuit breakers and halts."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from ..domain.bands import BandTerms
from ..domain.breakers import BreakerTerms
from ..domain.sessions import Segment, exchange_date
from .choices import choices
from .instrument import Instrument


class BandRule(models.Model):
    """How far from the previous close a segment, or one instrument, may trade from a day on."""

    segment = models.CharField(max_length=20, choices=choices(Segment), blank=True, default="")
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Instead of a segment.",
    )
    valid_from = models.DateField()
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Either way of the previous close.",
    )
    flex_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="The step by which a dynamic band widens."
    )
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["segment", "instrument", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "valid_from"], condition=Q(instrument=None), name="band_rule_of_segment_once"
            ),
            models.UniqueConstraint(fields=["instrument", "valid_from"], name="band_rule_of_instrument_once"),
            models.CheckConstraint(
                condition=Q(segment="", instrument__isnull=False) | (~Q(segment="") & Q(instrument=None)),
                name="band_rule_has_one_subject",
            ),
            models.CheckConstraint(
                condition=(Q(percent=None) | Q(percent__gt=0)) & (Q(flex_percent=None) | Q(flex_percent__gt=0)),
                name="band_rule_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment or self.instrument_id} {self.percent} % from {self.valid_from}"

    @property
    def domain(self) -> BandTerms:
        """The rule as the arithmetic takes it."""
        return BandTerms(self.percent, self.flex_percent)


class BreakerRule(models.Model):
    """The market-wide halt that a move of the index brings, by the time of day (IST) at which it comes."""

    percent = models.DecimalField(max_digits=5, decimal_places=2)
    starts = models.TimeField()
    ends = models.TimeField(help_text="Not included.")
    halt_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: all day. 0: none.")
    auction_minutes = models.PositiveIntegerField(default=15, help_text="The call auction after it.")
    valid_from = models.DateField()

    class Meta:
        verbose_name = "market-wide breaker"
        ordering = ["-valid_from", "percent", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["percent", "starts", "valid_from"], name="breaker_rule_once"),
            models.CheckConstraint(condition=Q(percent__gt=0), name="breaker_rule_percent"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="breaker_rule_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % from {self.starts:%H:%M}, from {self.valid_from}"

    @property
    def domain(self) -> BreakerTerms:
        """The rule as the arithmetic takes it."""
        return BreakerTerms(
            self.percent, self.starts, self.ends, self.halt_minutes, self.auction_minutes, self.valid_from
        )


class TradingHalt(models.Model):
    """No matching, no new orders from `starts_at` until `ends_at` (market time): one instrument, or the market.

    `level` is the circuit breaker's percentage that brought a halt of the whole market.
    """

    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the market.",
    )
    level = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, editable=False)
    day = models.DateField(editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody ends it.")
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "level"], condition=Q(level__isnull=False), name="trading_halt_level_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="trading_halt_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id or 'market'} from {self.starts_at:%Y-%m-%d %H:%M}: {self.reason}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.day = exchange_date(self.starts_at)
        super().save(*args, **kwargs)
