"""Strategies that a user keeps in the strategy builder."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import Side


class OptionStrategy(OrganisationOwned):
    """Named legs on one underlying, of one user. Nothing trades by being kept here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="option_strategies")
    name = models.CharField(max_length=64)
    underlying = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "option strategies"
        constraints = [
            models.UniqueConstraint(
                "organisation", "owner", Lower("name"), name="option_strategy_name_once_per_owner"
            )
        ]

    def __str__(self) -> str:
        return self.name


class OptionStrategyLeg(OrganisationOwned):
    """One leg of a kept strategy; `price` is the entry in rupees per unit, None for whatever the market asks."""

    strategy = models.ForeignKey(OptionStrategy, on_delete=models.CASCADE, related_name="legs")
    position = models.PositiveSmallIntegerField()
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=4, choices=[(str(side), str(side)) for side in Side])
    lots = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    is_held = models.BooleanField(default=False)

    class Meta:
        ordering = ["strategy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["strategy", "position"], name="option_strategy_leg_position_once"),
            models.CheckConstraint(condition=Q(lots__gt=0), name="option_strategy_leg_lots_positive"),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gt=0), name="option_strategy_leg_price_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.lots}"
