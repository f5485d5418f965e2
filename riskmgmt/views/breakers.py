"""The form of a circuit breaker's rule."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from riskmgmt.forms import BreakerRuleForm
from riskmgmt.selectors.breakers import breaker_parameters
from riskmgmt.services import breaker_rule_set
from trading.portfolio.models import TradingAccount

from .acts import desk_of
from .desk import account_of

_SECTIONS = (
    (
        "Trips on",
        (
            "max_loss",
            "max_drawdown",
            "reject_count",
            "reject_seconds",
            "broker_error_count",
            "broker_error_seconds",
        ),
    ),
    ("Comes back", ("open_state", "cool_off_seconds", "half_open_order_value", "probation_seconds")),
)


class BreakerRuleView(TenantPageMixin, View):
    """When the breakers of one account, or of all that have no rule of their own, trip."""

    permission_required = Permission.CHANGE_LIMITS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, filled with the rule that holds today."""
        account = account_of(self, request)
        parameters = breaker_parameters(
            organisation_id=self.actor.organisation_id, account_id=account.pk if account else None
        )
        return self._form(request, account, BreakerRuleForm(initial=asdict(parameters)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the rule from today on and go back to the desk."""
        account = account_of(self, request)
        form = BreakerRuleForm(request.POST)
        if not form.is_valid():
            return self._form(request, account, form, status=422)
        account_id = account.pk if account else None
        breaker_rule_set(actor=self.actor, account_id=account_id, values=form.cleaned_data)
        messages.success(request, f"The breaker rule of {account.name if account else 'the organisation'} is set.")
        return redirect(desk_of(account_id))

    def _form(
        self, request: HttpRequest, account: TradingAccount | None, form: BreakerRuleForm, status: int = 200
    ) -> HttpResponse:
        context = {
            "account": account,
            "form": form,
            "sections": [(title, [form[name] for name in names]) for title, names in _SECTIONS],
            "back": desk_of(account.pk if account else None),
        }
        return render(request, "riskmgmt/breaker_rule.html", context, status=status)
