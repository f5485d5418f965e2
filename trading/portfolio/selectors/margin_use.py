"""Where an account's margin is in use: by underlying for futures and options, by position for shares."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum

from core.money import from_paise
from trading.instruments.models import OPTION_TYPES
from trading.portfolio.models import MarginBlock, Position, TradingAccount


@dataclass(frozen=True, slots=True)
class UnderlyingUse:
    """What one underlying has tied up, in paise.

    `premium_paise` is what its bought options cost, `withheld_paise` the premium of written ones that is paid out
    when they are closed, `benefit_paise` what the contracts save by being held together. `is_estimate` when no
    price of the underlying was known at `marked_at`.
    """

    underlying: str
    margin_paise: int
    span_paise: int
    exposure_paise: int
    calendar_paise: int
    premium_paise: int
    withheld_paise: int
    benefit_paise: int
    marked_at: datetime
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class MarginUse:
    """All that an account's margin is used for; `shares_paise` is blocked by positions in shares."""

    total_paise: int
    shares_paise: int
    shortfall_paise: int
    underlyings: tuple[UnderlyingUse, ...]

    def as_strings(self) -> dict[str, Any]:
        """The API's shape: rupees as decimal strings."""
        return {
            "total": str(from_paise(self.total_paise)),
            "shares": str(from_paise(self.shares_paise)),
            "shortfall": str(from_paise(self.shortfall_paise)),
            "underlyings": [_shape(use) for use in self.underlyings],
        }


def margin_use(account: TradingAccount) -> MarginUse:
    """An account's margin by what uses it: two queries. `account` comes from `account_get`."""
    premiums = _premiums(account.id)
    underlyings = tuple(
        UnderlyingUse(
            underlying=block.underlying,
            margin_paise=block.amount_paise,
            span_paise=block.span_paise,
            exposure_paise=block.exposure_paise,
            calendar_paise=block.calendar_paise,
            premium_paise=premiums.get(block.underlying, 0),
            withheld_paise=block.withheld_paise,
            benefit_paise=block.benefit_paise,
            marked_at=block.marked_at,
            is_estimate=block.is_estimate,
        )
        for block in MarginBlock.objects.filter(account_id=account.id).order_by("-amount_paise", "underlying")
    )
    balance = account.balance
    return MarginUse(
        total_paise=balance.margin_paise,
        shares_paise=balance.margin_paise - sum(use.margin_paise for use in underlyings),
        shortfall_paise=max(-balance.available_paise, 0),
        underlyings=underlyings,
    )


def _premiums(account_id: UUID) -> dict[str, int]:
    bought = Position.objects.filter(
        account_id=account_id, quantity__gt=0, instrument__instrument_type__in=OPTION_TYPES
    )
    sums = bought.order_by().values_list("instrument__underlying").annotate(total=Sum("open_value_paise"))
    return dict(sums)


def _shape(use: UnderlyingUse) -> dict[str, Any]:
    return {
        "underlying": use.underlying,
        "margin": str(from_paise(use.margin_paise)),
        "span": str(from_paise(use.span_paise)),
        "exposure": str(from_paise(use.exposure_paise)),
        "calendar": str(from_paise(use.calendar_paise)),
        "premium": str(from_paise(use.premium_paise)),
        "withheld_premium": str(from_paise(use.withheld_paise)),
        "benefit": str(from_paise(use.benefit_paise)),
        "marked_at": use.marked_at.isoformat(),
        "estimate": use.is_estimate,
    }
