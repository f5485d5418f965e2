"""Dated rates: what trading costs and blocks. The row with the latest `valid_from` on or before a day holds."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.portfolio.domain.margin import MarginRates
from trading.portfolio.domain.trade import Segment

SEGMENTS = [(segment.value, segment.value.replace("_", " ").title()) for segment in Segment]


class RateField(models.DecimalField[Any, Decimal]):
    """A fraction of turnover between 0 and 1."""

    def __init__(self, **options: Any) -> None:
        options.update(max_digits=13, decimal_places=11)
        options.setdefault("default", 0)
        options.setdefault("validators", [MinValueValidator(0), MaxValueValidator(1)])
        super().__init__(**options)


class ChargeRate(models.Model):
    """Statutory and exchange charges of one segment of one exchange from a day on."""

    exchange = models.CharField(max_length=8)
    segment = models.CharField(max_length=16, choices=SEGMENTS)
    valid_from = models.DateField()
    stt_buy = RateField()
    stt_sell = RateField()
    exchange_rate = RateField(help_text="Exchange transaction charge without the investor-protection levy.")
    ipft_rate = RateField(help_text="Investor-protection levy, shown inside the exchange line.")
    gst_on_ipft = models.BooleanField(default=True)
    sebi_rate = RateField()
    stamp_buy = RateField()
    stamp_sell = RateField()
    gst_rate = RateField(help_text="On brokerage, exchange charge and SEBI fee; service tax before July 2017.")
    stt_exercise = RateField(help_text="Of the intrinsic value of a bought option that is exercised.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["exchange", "segment", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "segment", "valid_from"], name="charge_rate_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.exchange} {self.segment} from {self.valid_from}"

    @property
    def domain(self) -> ChargeRates:
        """The rates as the charge arithmetic takes them."""
        return ChargeRates(
            stt_buy=self.stt_buy,
            stt_sell=self.stt_sell,
            exchange_rate=self.exchange_rate,
            ipft_rate=self.ipft_rate,
            gst_on_ipft=self.gst_on_ipft,
            sebi_rate=self.sebi_rate,
            stamp_buy=self.stamp_buy,
            stamp_sell=self.stamp_sell,
            gst_rate=self.gst_rate,
            stt_exercise=self.stt_exercise,
        )


class BrokerageRate(models.Model):
    """A plan's fee per executed order from a day on: `flat` rupees plus `rate` of turnover in `floor` to `cap`."""

    plan = models.CharField(max_length=16)
    segment = models.CharField(max_length=16, choices=SEGMENTS)
    valid_from = models.DateField()
    flat = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    rate = RateField()
    floor = models.DecimalField(max_digits=9, decimal_places=2, default=0, help_text="Least fee of the rate.")
    cap = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["plan", "segment", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "segment", "valid_from"], name="brokerage_once_per_day"),
            models.CheckConstraint(condition=Q(flat__gte=0), name="brokerage_flat_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.segment} from {self.valid_from}"

    @property
    def domain(self) -> BrokerageRates:
        """The rates as the charge arithmetic takes them."""
        return BrokerageRates(flat=self.flat, rate=self.rate, cap=self.cap, floor=self.floor)


class MarginRate(models.Model):
    """The fraction of its base that opening a position blocks from a day on; see `domain/margin.py`."""

    segment = models.CharField(max_length=16, choices=SEGMENTS)
    valid_from = models.DateField()
    long_rate = RateField()
    short_rate = RateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["segment", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "valid_from"], name="margin_rate_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.segment} from {self.valid_from}"

    @property
    def domain(self) -> MarginRates:
        """The rates as the margin arithmetic takes them."""
        return MarginRates(long_rate=self.long_rate, short_rate=self.short_rate)
