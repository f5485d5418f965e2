"""What scenario margin runs on: dated parameters for everybody, and what each account has blocked by underlying."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trading.portfolio.domain.span import SpanParameters
from trading.portfolio.models.account import AccountOwned, TradingAccount


class ParameterField(models.DecimalField[Any, Decimal]):
    """A fraction, or an annual volatility as one."""

    def __init__(self, **options: Any) -> None:
        options.update(max_digits=8, decimal_places=6)
        options.setdefault("validators", [MinValueValidator(0), MaxValueValidator(1)])
        super().__init__(**options)


class SpanParameter(models.Model):
    """Margin parameters of an underlying, or of all others of its class, from a day on.

    The row with the latest `valid_from` on or before a day holds; `domain/span/parameters.py` says what each means.
    """

    class UnderlyingClass(models.TextChoices):
        INDEX = "INDEX", "Index"
        STOCK = "STOCK", "Stock"

    underlying_class = models.CharField(max_length=5, choices=UnderlyingClass.choices)
    underlying = models.CharField(
        max_length=40, blank=True, default="", help_text="Its symbol; empty for all others of the class."
    )
    valid_from = models.DateField()
    price_scan_range = ParameterField(help_text="Fraction of the underlying's price: 0.093 is 9.3 %.")
    volatility_scan_range = ParameterField(help_text="Points of annual volatility: 0.04 is 4 points.")
    extreme_move = models.DecimalField(
        max_digits=4, decimal_places=2, default=2, help_text="Extreme scenarios, in scan ranges."
    )
    extreme_cover = ParameterField(default=Decimal("0.35"), help_text="Part of an extreme loss that counts.")
    exposure_rate = ParameterField(help_text="Of the notional of futures and short options.")
    short_option_minimum = ParameterField(default=0, help_text="Least scan risk, of short options' notional.")
    calendar_spread_rate = ParameterField(help_text="Of the far leg's notional.")
    expiry_day_rate = ParameterField(default=0, help_text="On short options on their last day.")
    spreads_on_expiry_day = models.BooleanField(
        default=True, help_text="Whether contracts on their last day offset others."
    )
    default_volatility = ParameterField(help_text="Where an option's price implies none.")
    risk_free_rate = ParameterField(default=Decimal("0.065"))
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["underlying_class", "underlying", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["underlying_class", "underlying", "valid_from"], name="span_parameter_once_per_day"
            ),
            models.CheckConstraint(
                condition=Q(price_scan_range__gt=0, default_volatility__gt=0), name="span_parameter_scans"
            ),
            models.CheckConstraint(
                condition=Q(extreme_move__gte=1, extreme_move__lte=10), name="span_parameter_extreme_move"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.underlying or self.underlying_class} from {self.valid_from}"

    @property
    def domain(self) -> SpanParameters:
        """The parameters as the engine takes them."""
        return SpanParameters(
            price_scan_range=float(self.price_scan_range),
            volatility_scan_range=float(self.volatility_scan_range),
            extreme_move=float(self.extreme_move),
            extreme_cover=float(self.extreme_cover),
            exposure_rate=float(self.exposure_rate),
            short_option_minimum=float(self.short_option_minimum),
            calendar_spread_rate=float(self.calendar_spread_rate),
            expiry_day_rate=float(self.expiry_day_rate),
            spreads_on_expiry_day=self.spreads_on_expiry_day,
            default_volatility=float(self.default_volatility),
            risk_free_rate=float(self.risk_free_rate),
        )


class EquityMargin(models.Model):
    """What one share blocks from a day on, as exchanges publish it: value at risk plus extreme loss, of its value.

    The segment's rate is the floor; `product` says which leverage the row takes away.
    """

    PRODUCTS = (("INTRADAY", "Intraday"), ("MTF", "MTF"))

    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.CASCADE, related_name="+")
    product = models.CharField(max_length=8, choices=PRODUCTS, default="INTRADAY")
    valid_from = models.DateField()
    var_rate = ParameterField(help_text="Value at risk, a fraction of the value.")
    extreme_loss_rate = ParameterField(help_text="Extreme loss margin, a fraction of the value.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["instrument", "product", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "product", "valid_from"], name="equity_margin_once_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.product} from {self.valid_from}"

    @property
    def rate(self) -> Decimal:
        """The fraction of its value that a position blocks; all of it at most."""
        return min(self.var_rate + self.extreme_loss_rate, Decimal(1))


class MarginBlock(AccountOwned):
    """What an account has blocked for its futures and options on one underlying, in paise.

    `amount_paise` is part of the ledger's MARGIN balance; the rest says how it came about, as in
    `domain/span/requirement.py`. `is_estimate` when the underlying had no price and an old one stood in.
    """

    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="margin_blocks")
    underlying = models.CharField(max_length=40)
    amount_paise = models.BigIntegerField(default=0)
    span_paise = models.BigIntegerField(default=0)
    exposure_paise = models.BigIntegerField(default=0)
    calendar_paise = models.BigIntegerField(default=0)
    scan_paise = models.BigIntegerField(default=0)
    net_option_value_paise = models.BigIntegerField(default=0)
    withheld_paise = models.BigIntegerField(default=0)
    benefit_paise = models.BigIntegerField(default=0)
    underlying_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    is_estimate = models.BooleanField(default=False)
    marked_at = models.DateTimeField(help_text="Market time of the prices it was computed at.")

    class Meta:
        ordering = ["underlying"]
        constraints = [
            models.UniqueConstraint(fields=["account", "underlying"], name="margin_block_once_per_underlying"),
            models.CheckConstraint(condition=Q(amount_paise__gte=0), name="margin_block_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_paise} for {self.underlying}"
