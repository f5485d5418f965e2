"""Limits, as they were set at each level."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from core.ids import new_id
from riskmgmt.domain.limit_specs import LIST_SPECS, TIME_SPECS
from riskmgmt.domain.limits import ALL_NAMES, LIMIT_NAMES, Layer

from .limits_cache import forget_limits_on_commit
from .scope import Reaching, one_per_reach


def _limit() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )


class RiskLimit(Reaching):
    """What one level has set: the organisation, an account, a user, or a strategy (in all accounts or in one).

    An empty limit leaves the other levels' as they are. A user's row holds the orders that they place, and the
    accounts that they own.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    max_order_quantity = _limit()
    max_order_value = _limit()
    max_position_quantity = _limit()
    max_position_value = _limit()
    max_daily_loss = _limit()
    max_open_orders = _limit()
    price_band_percent = _limit()
    option_price_band_percent = _limit()
    max_gross_exposure = _limit()
    max_net_exposure = _limit()
    max_symbol_percent = _limit()
    max_underlying_percent = _limit()
    max_sector_percent = _limit()
    max_orders_per_minute = _limit()
    max_orders_per_day = _limit()
    daily_profit_lock = _limit()
    daily_profit_giveback = _limit()
    max_day_drawdown = _limit()
    max_equity_drawdown_percent = _limit()
    allowed_symbols = models.TextField(null=True, blank=True, help_text="Keys or names, parted by commas.")
    allowed_products = models.CharField(max_length=80, null=True, blank=True, help_text="Parted by commas.")
    allowed_order_types = models.CharField(max_length=80, null=True, blank=True, help_text="Parted by commas.")
    trading_from = models.TimeField(null=True, blank=True, help_text="IST")
    trading_until = models.TimeField(null=True, blank=True, help_text="IST")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            *one_per_reach("risk_limit"),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gte": 0}), name=f"risk_{name}_not_negative"
                )
                for name in LIMIT_NAMES
            ),
        ]

    def __str__(self) -> str:
        return f"limits of {self.user if self.user_id else self.scope_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and let every process read the limits anew."""
        super().save(*args, **kwargs)
        forget_limits_on_commit()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, and let every process read the limits anew."""
        deleted = super().delete(*args, **kwargs)
        forget_limits_on_commit()
        return deleted

    @property
    def values(self) -> dict[str, Any]:
        """What the level has set, by name; lists as frozen sets."""
        return {name: limit_value(name, getattr(self, name)) for name in ALL_NAMES}

    @property
    def layer(self) -> Layer:
        """The row as the arithmetic of limits takes it."""
        return Layer(self.level, self.values, self.id, in_one_account=self.account_id is not None)


def limit_value(name: str, stored: Any) -> Any:
    """A column's value: Decimal, time, or the frozen set of a list."""
    if stored is None or name not in LIST_SPECS:
        return stored
    return frozenset(part for part in str(stored).split(",") if part)


def limit_column(name: str, value: Any) -> Any:
    """The value as its column keeps it."""
    if value is None or name not in LIST_SPECS:
        return value
    return ",".join(sorted(value))


EMPTY: Mapping[str, Any] = dict.fromkeys((*LIMIT_NAMES, *LIST_SPECS, *TIME_SPECS))
