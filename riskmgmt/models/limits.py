"""Limits, as they were set at each level."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from riskmgmt.domain.limits import LIMIT_NAMES


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
