"""Positions: the stored fold of an account's fills and position events."""

from django.db import models
from django.db.models import Q

from core.ids import new_id
from trading.brokers.domain.terms import Product
from trading.portfolio.domain.position import PositionState
from trading.portfolio.models.account import AccountOwned, TradingAccount

PRODUCTS = [(product.value, product.value.capitalize()) for product in Product]


class Position(AccountOwned):
    """The open and the realised side of one instrument, product and strategy; see `domain/position.py`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="positions")
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=16, choices=PRODUCTS)
    strategy = models.CharField(max_length=64, blank=True, default="")
    quantity = models.BigIntegerField(default=0)
    average_price = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    open_value_paise = models.BigIntegerField(default=0)
    realised_pnl_paise = models.BigIntegerField(default=0)
    charges_paise = models.BigIntegerField(default=0)
    margin_paise = models.BigIntegerField(default=0)
    day = models.DateField(null=True, blank=True)
    day_open_quantity = models.BigIntegerField(default=0)
    day_cash_paise = models.BigIntegerField(default=0)
    day_realised_paise = models.BigIntegerField(default=0)
    day_charges_paise = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField(help_text="Market time of the first fill.")
    updated_at = models.DateTimeField(help_text="Market time of the last fill.")

    class Meta:
        ordering = ["-updated_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "instrument", "product", "strategy"], name="position_once_per_key"
            ),
            models.CheckConstraint(
                condition=~Q(product__in=["DELIVERY", "MTF"]) | Q(quantity__gte=0),
                name="position_delivery_not_short",
            ),
            models.CheckConstraint(
                condition=Q(open_value_paise__gte=0, margin_paise__gte=0), name="position_values_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(quantity=0) | Q(open_value_paise=0, margin_paise=0), name="position_flat_is_empty"
            ),
        ]
        indexes = [
            models.Index(fields=["account"], condition=~Q(quantity=0), name="position_open"),
            models.Index(fields=["organisation", "-updated_at"], name="position_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.instrument_id} {self.product}"

    @property
    def state(self) -> PositionState:
        """The fold's state as stored."""
        return PositionState(
            quantity=self.quantity,
            open_value_paise=self.open_value_paise,
            realised_pnl_paise=self.realised_pnl_paise,
            charges_paise=self.charges_paise,
            margin_paise=self.margin_paise,
            day=self.day,
            day_open_quantity=self.day_open_quantity,
            day_cash_paise=self.day_cash_paise,
            day_realised_paise=self.day_realised_paise,
            day_charges_paise=self.day_charges_paise,
        )
