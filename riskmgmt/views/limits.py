"""The form of limits, at any level."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from accounts.models import Membership
from core.errors import InvalidInput
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Level
from riskmgmt.forms import LimitsForm
from riskmgmt.selectors import limits_and_use
from riskmgmt.services import limits_set
from trading.portfolio.selectors import account_get

from .desk import grouped, scope_of


class LimitsEditView(TenantPageMixin, View):
    """The form in which a risk manager or owner changes limits."""

    permission_required = Permission.CHANGE_LIMITS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, filled with what was set at this level."""
        scope = scope_of(self, request)
        return self._form(request, scope, None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the limits and go back to the desk."""
        scope = scope_of(self, request)
        form = LimitsForm(request.POST)
        if not form.is_valid():
            return self._form(request, scope, form, status=422)
        try:
            limits_set(
                actor=self.actor,
                account_id=scope.account_id,
                user_id=scope.user_id,
                strategy=scope.strategy,
                values=form.values(),
            )
        except InvalidInput as error:
            for name, lines in error.errors.items():
                form.add_error(name, lines)
            return self._form(request, scope, form, status=422)
        messages.success(request, f"Limits of {self._label(scope)} changed.")
        return redirect(self._desk(scope))

    def _form(self, request: HttpRequest, scope: Scope, form: LimitsForm | None, status: int = 200) -> HttpResponse:
        uses = limits_and_use(scope)
        form = form or LimitsForm(initial={use.name: use.own for use in uses})
        sections = [(group, [(form[use.name], use) for use in members]) for group, members in grouped(uses)]
        context: dict[str, Any] = {
            "scope": scope,
            "label": self._label(scope),
            "form": form,
            "sections": sections,
            "back": self._desk(scope),
        }
        return render(request, "riskmgmt/limits_edit.html", context, status=status)

    def _desk(self, scope: Scope) -> str:
        query = urlencode({"account": scope.account_id or "defaults"})
        return f"{reverse('riskmgmt:risk')}?{query}"

    def _label(self, scope: Scope) -> str:
        account = account_get(self.actor, scope.account_id).name if scope.account_id else "all accounts"
        match scope.level:
            case Level.ORGANISATION:
                return "the organisation"
            case Level.USER:
                members = Membership.objects.for_actor(self.actor).filter(user_id=str(scope.user_id))
                return str(members.values_list("user__email", flat=True).first() or "")
            case Level.STRATEGY:
                return f"strategy {scope.strategy} in {account}"
            case Level.ACCOUNT:
                return account
