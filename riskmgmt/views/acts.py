"""Acts on the desk: setting a trading state, closing a circuit breaker."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core import clock
from core.errors import Conflict, InvalidInput
from riskmgmt.domain.states import State
from riskmgmt.forms import BreakerResetForm, StateForm
from riskmgmt.services import breaker_reset, scope_for, trading_state_set


def first_error(form: forms.Form) -> str:
    """The first complaint of a form, with its field."""
    field, lines = next(iter(form.errors.items()))
    return f"{field.replace('_', ' ').capitalize()}: {lines[0]}"


def desk_of(account_id: object) -> str:
    """The desk of an account, or of the organisation."""
    return f"{reverse('riskmgmt:risk')}?account={account_id or 'defaults'}"


class StateSetView(TenantPageMixin, View):
    """Let a scope trade, only reduce, or halt."""

    permission_required = Permission.CHANGE_LIMITS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the state and go back to the desk."""
        form = StateForm(request.POST)
        if not form.is_valid():
            messages.error(request, first_error(form))
            return redirect(desk_of(None))
        values = form.cleaned_data
        scope = scope_for(self.actor, account_id=values["account"], strategy=values["strategy"])
        minutes = values["minutes"]
        try:
            row = trading_state_set(
                actor=self.actor,
                scope=scope,
                state=State(values["state"]),
                reason=values["reason"],
                expires_at=clock.now() + timedelta(minutes=minutes) if minutes else None,
            )
        except InvalidInput as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"Trading is {row.state.lower()} for {row.scope_label}.")
        return redirect(desk_of(scope.account_id))


class BreakerResetView(TenantPageMixin, View):
    """Close a circuit breaker by hand."""

    permission_required = Permission.CHANGE_LIMITS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Close it and go back to the desk."""
        form = BreakerResetForm(request.POST)
        if not form.is_valid():
            messages.error(request, first_error(form))
            return redirect(desk_of(None))
        account_id = form.cleaned_data["account"]
        try:
            breaker_reset(actor=self.actor, account_id=account_id, reason=form.cleaned_data["reason"])
        except (Conflict, InvalidInput) as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, "The circuit breaker is closed.")
        return redirect(desk_of(account_id))
