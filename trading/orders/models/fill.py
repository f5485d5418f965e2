"""A trade at the exchange. Rows are never changed."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.portfolio.models.account import AccountOwnedQuerySet

from .order import Order


class Fill(OrganisationOwned):
    """`price` in rupees per unit; the charge lines in integer paise; `traded_at` is the exchange's time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="fills")
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    broker_trade_id = models.CharField(max_length=100)
    side = models.CharField(max_length=4)
    quantity = models.PositiveBigIntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=4)
    charges_paise = models.BigIntegerField(help_text="The sum of the lines that follow.")
    brokerage_paise = models.BigIntegerField(default=0)
    stt_paise = models.BigIntegerField(default=0)
    exchange_paise = models.BigIntegerField(default=0)
    sebi_paise = models.BigIntegerField(default=0)
    stamp_paise = models.BigIntegerField(default=0)
    gst_paise = models.BigIntegerField(default=0)
    traded_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-traded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "broker_trade_id"], name="fill_broker_trade_id_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fill_quantity_positive"),
            models.CheckConstraint(condition=Q(price__gt=0), name="fill_price_positive"),
            models.CheckConstraint(condition=Q(charges_paise__gte=0), name="fill_charges_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    charges_paise=F("brokerage_paise")
                    + F("stt_paise")
                    + F("exchange_paise")
                    + F("sebi_paise")
                    + F("stamp_paise")
                    + F("gst_paise")
                ),
                name="fill_charges_add_up",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-traded_at", "-id"], name="fill_by_account_newest"),
            models.Index(fields=["organisation", "-traded_at", "-id"], name="fill_by_tenant_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.quantity} at {self.price}"

    @property
    def value(self) -> Decimal:
        """Turnover in rupees, before charges."""
        return self.price * self.quantity
