"""The risk page: limits, their use, and what was refused."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import InvalidInput, NotFound
from trading.portfolio.active_account import active_account
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get, accounts_for

from .domain.scopes import Scope
from .forms import LimitsForm
from .selectors import decisions_for, limits_and_use
from .services import limits_set

REFUSALS_SHOWN = 50


def _account(view: TenantPageMixin, request: HttpRequest) -> TradingAccount | None:
    """The account that the page is about; None stands for the organisation's defaults."""
    raw = request.GET.get("account")
    if raw == "defaults":
        return None
    if raw:
        try:
            return account_get(view.actor, UUID(raw))
        except ValueError as error:
            raise NotFound from error
    return active_account(request, view.actor)


class RiskView(TenantPageMixin, View):
    """Limits with their use, and the newest refusals, of one account."""

    permission_required = Permission.VIEW_RISK

    def get(self, request: HttpRequest) -> HttpResponse:
        """The whole page, or its live part for HTMX."""
        account = _account(self, request)
        template = "riskmgmt/risk.html#live" if request.headers.get("HX-Request") else "riskmgmt/risk.html"
        return render(request, template, self._context(account))

    def _context(self, account: TradingAccount | None) -> dict[str, Any]:
        account_id = account.pk if account else None
        refusals = decisions_for(self.actor, account_id=account_id, allowed=False)
        return {
            "account": account,
            "accounts": accounts_for(self.actor),
            "uses": limits_and_use(Scope(self.actor.organisation_id, account_id)),
            "refusals": refusals[:REFUSALS_SHOWN],
            "may_change": self.actor.may(Permission.CHANGE_LIMITS),
        }


class LimitsEditView(TenantPageMixin, View):
    """The form in which a risk manager or owner changes limits."""

    permission_required = Permission.CHANGE_LIMITS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, filled with what was set at this level."""
        account = _account(self, request)
        return self._form(request, account, LimitsForm(initial=self._own(account)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the limits and go back to the page."""
        account = _account(self, request)
        form = LimitsForm(request.POST)
        if not form.is_valid():
            return self._form(request, account, form, status=422)
        try:
            limits_set(actor=self.actor, account_id=account.pk if account else None, values=form.values())
        except InvalidInput as error:
            for name, lines in error.errors.items():
                form.add_error(name, lines)
            return self._form(request, account, form, status=422)
        messages.success(request, f"Limits of {account.name if account else 'the organisation'} changed.")
        chosen = account.pk if account else "defaults"
        return redirect(f"{reverse('riskmgmt:risk')}?account={chosen}")

    def _own(self, account: TradingAccount | None) -> dict[str, Any]:
        uses = limits_and_use(Scope(self.actor.organisation_id, account.pk if account else None))
        return {use.name: use.own for use in uses}

    def _form(
        self, request: HttpRequest, account: TradingAccount | None, form: LimitsForm, status: int = 200
    ) -> HttpResponse:
        uses = limits_and_use(Scope(self.actor.organisation_id, account.pk if account else None))
        rows = [(form[use.name], use) for use in uses]
        context = {"account": account, "form": form, "rows": rows}
        return render(request, "riskmgmt/limits_edit.html", context, status=status)
