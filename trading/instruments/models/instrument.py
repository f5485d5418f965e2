"""The instrument master and what brokers call its rows."""

from django.db import models
from django.db.models import F, Q

from ..domain.keys import Exchange


class InstrumentType(models.TextChoices):
    """What an instrument is; the order of the members is the order in which search shows them."""

    INDEX = "INDEX", "Index"
    EQUITY = "EQ", "Equity"
    ETF = "ETF", "Exchange-traded fund"
    DEBT = "DEBT", "Debt security"
    FUTURE = "FUT", "Future"
    CALL = "CE", "Call option"
    PUT = "PE", "Put option"


class Source(models.TextChoices):
    """Who published an instrument master, and so whose tokens it holds."""

    UPSTOX = "upstox", "Upstox"
    KITE = "kite", "Kite"
    NSE = "nse", "NSE"
    SIMULATED = "simulated", "Simulated"


DERIVATIVE_TYPES = (InstrumentType.FUTURE, InstrumentType.CALL, InstrumentType.PUT)
OPTION_TYPES = (InstrumentType.CALL, InstrumentType.PUT)


class Instrument(models.Model):
    """Something that has a price at an exchange. Prices, strikes and ticks in rupees, quantities in units."""

    key = models.CharField(max_length=44, unique=True)
    exchange = models.CharField(max_length=3, choices=[(e.value, e.value) for e in Exchange])
    symbol = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    instrument_type = models.CharField(max_length=5, choices=InstrumentType.choices)
    underlying = models.CharField(max_length=40, blank=True, default="")
    expiry = models.DateField(null=True, blank=True)
    strike = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    lot_size = models.PositiveIntegerField(default=1)
    tick_size = models.DecimalField(max_digits=10, decimal_places=4)
    freeze_quantity = models.PositiveBigIntegerField(null=True, blank=True)
    isin = models.CharField(max_length=12, blank=True, default="")
    has_derivatives = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "symbol"], name="instrument_exchange_symbol"),
            models.CheckConstraint(condition=Q(lot_size__gte=1), name="instrument_lot_size_positive"),
            models.CheckConstraint(condition=Q(tick_size__gt=0), name="instrument_tick_size_positive"),
            models.CheckConstraint(
                condition=Q(freeze_quantity=None) | Q(freeze_quantity__gte=1),
                name="instrument_freeze_quantity_positive",
            ),
            models.CheckConstraint(
                condition=Q(instrument_type__in=DERIVATIVE_TYPES, expiry__isnull=False)
                | (~Q(instrument_type__in=DERIVATIVE_TYPES) & Q(expiry=None)),
                name="instrument_contract_has_expiry",
            ),
            models.CheckConstraint(
                condition=Q(instrument_type__in=OPTION_TYPES, strike__gt=0)
                | (~Q(instrument_type__in=OPTION_TYPES) & Q(strike=None)),
                name="instrument_option_has_strike",
            ),
        ]
        indexes = [
            models.Index(
                fields=["underlying", "expiry", "strike"],
                name="instrument_contracts",
                opclasses=["varchar_pattern_ops", "date_ops", "numeric_ops"],
                condition=~Q(underlying=""),
            ),
            models.Index(
                fields=["underlying", "expiry"],
                name="instrument_futures",
                opclasses=["varchar_pattern_ops", "date_ops"],
                condition=Q(instrument_type=InstrumentType.FUTURE),
            ),
            models.Index(
                fields=["symbol"],
                name="instrument_cash_symbol",
                opclasses=["varchar_pattern_ops"],
                condition=Q(underlying=""),
            ),
            models.Index(fields=["symbol"], name="instrument_symbol", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_tradable(self) -> bool:
        """False for an index: it has a price, but nobody can own it."""
        return self.instrument_type != InstrumentType.INDEX


class BrokerToken(models.Model):
    """What a broker calls an instrument from `valid_from` to `valid_to` (both included).

    Brokers reuse tokens after an expiry, so a token means something only together with a date.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="tokens")
    source = models.CharField(max_length=10, choices=Source.choices)
    token = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["source", "token", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["source", "token", "valid_from"], name="broker_token_once_a_day"),
            models.UniqueConstraint(
                fields=["source", "token"], condition=Q(valid_to=None), name="broker_token_open_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="broker_token_span"
            ),
        ]
        indexes = [models.Index(fields=["instrument", "source"], name="broker_token_of_instrument")]

    def __str__(self) -> str:
        return f"{self.source} {self.token}"
