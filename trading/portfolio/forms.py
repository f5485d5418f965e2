"""What the funds page sends. Whether it may be done is the services' business."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings

from core.money import to_paise
from trading.portfolio.selectors.rates import brokerage_plans
from trading.portfolio.services.funds import DEPOSIT_LIMIT_PAISE

# As the brokers write themselves.
_PLAN_NAMES = {"ibkr": "Interactive Brokers", "mstock": "mStock", "paper": "Paper exchange"}


def plan_choices() -> list[tuple[str, str]]:
    """Brokerage plans and their names, the house's own first."""
    plans = sorted(brokerage_plans(), key=lambda plan: (plan != settings.PAPER_BROKERAGE_PLAN, plan))
    return [(plan, _PLAN_NAMES.get(plan, plan.title())) for plan in plans]


class DepositForm(forms.Form):
    """Paper money to put into an account; `transfer` makes a form that is sent twice one deposit."""

    account = forms.UUIDField(widget=forms.HiddenInput)
    transfer = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.DecimalField(
        min_value=Decimal("0.01"), max_value=Decimal(DEPOSIT_LIMIT_PAISE) / 100, decimal_places=2
    )

    @property
    def paise(self) -> int:
        """The amount; call after `is_valid()`."""
        return to_paise(self.cleaned_data["amount"])


class AccountForm(forms.Form):
    """A paper account to open for a member, with or without paper money in it."""

    name = forms.CharField(max_length=80)
    owner = forms.TypedChoiceField(coerce=UUID)
    opening = forms.DecimalField(
        min_value=0, max_value=Decimal(DEPOSIT_LIMIT_PAISE) / 100, decimal_places=2, required=False
    )

    plan = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, members: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = members  # type: ignore[attr-defined]
        self.fields["plan"].choices = plan_choices()  # type: ignore[attr-defined]

    @property
    def opening_paise(self) -> int:
        """The first deposit, zero for none; call after `is_valid()`."""
        return to_paise(self.cleaned_data["opening"] or Decimal(0))
