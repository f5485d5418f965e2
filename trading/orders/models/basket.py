"""Baskets that a user keeps to place again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import OrderType, Product, Side, Validity


class Basket(OrganisationOwned):
    """A named list of orders of one user. Nothing trades by being kept here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="baskets")
    name = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint("organisation", "owner", Lower("name"), name="basket_name_once_per_owner")
        ]

    def __str__(self) -> str:
        return self.name


class BasketRow(OrganisationOwned):
    """One order of a kept basket; `quantity` in units, prices in rupees."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField()
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=4, choices=[(str(side), str(side)) for side in Side])
    quantity = models.PositiveBigIntegerField()
    order_type = models.CharField(max_length=8, choices=[(str(kind), str(kind)) for kind in OrderType])
    product = models.CharField(max_length=12, choices=[(str(product), str(product)) for product in Product])
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    trigger_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    validity = models.CharField(
        max_length=8, choices=[(str(each), str(each)) for each in Validity], default=Validity.DAY
    )

    class Meta:
        ordering = ["basket", "position"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "position"], name="basket_row_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="basket_row_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.quantity}"
