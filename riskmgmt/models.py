"""Limits, and every decision that was taken under them."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.portfolio.models.account import AccountOwnedQuerySet

from .domain.limits import LIMIT_NAMES


def _limit() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )


class RiskLimit(OrganisationOwned):
    """An organisation's defaults (no account), or one account's own; an empty limit is inherited."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        "portfolio.TradingAccount", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    max_order_quantity = _limit()
    max_order_value = _limit()
    max_position_quantity = _limit()
    max_position_value = _limit()
    max_daily_loss = _limit()
    max_open_orders = _limit()
    price_band_percent = _limit()
    option_price_band_percent = _limit()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(account=None), name="risk_limit_one_default"
            ),
            models.UniqueConstraint(fields=["account"], name="risk_limit_one_per_account"),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gte": 0}), name=f"risk_{name}_not_negative"
                )
                for name in LIMIT_NAMES
            ),
        ]

    def __str__(self) -> str:
        return f"limits of {self.account}" if self.account else f"default limits of {self.organisation}"


class RiskDecision(OrganisationOwned):
    """What one gate said of one order, and why. History: never changed."""

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="risk_decisions")
    gate = models.CharField(max_length=30)
    allowed = models.BooleanField()
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=240)
    limit = models.CharField(max_length=40, blank=True)
    used = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "-id"], name="risk_decision_newest"),
            models.Index(fields=["account", "-id"], condition=Q(allowed=False), name="risk_refusal_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {self.code}"
