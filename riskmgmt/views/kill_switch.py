"""The kill switch's pages: the press, and the release in two steps."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin, require_recent_log_in
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Unprocessable
from riskmgmt.forms import KillSwitchForm, ReleaseForm
from riskmgmt.models import KillSwitch
from riskmgmt.selectors import kill_switches_for
from riskmgmt.services import (
    kill_switch_press,
    kill_switch_release_ask,
    kill_switch_release_confirm,
    scope_for,
)
from trading.portfolio.selectors import accounts_for

from .acts import desk_of

HISTORY_SHOWN = 20


class KillSwitchView(TenantPageMixin, View):
    """Stop everything: what it will do, and the press."""

    permission_required = Permission.KILL_SWITCH

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, what is pressed now, and what was before."""
        chosen = request.GET.get("account", "")
        return self._page(request, KillSwitchForm(initial={"account": chosen}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Press."""
        form = KillSwitchForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        values = form.cleaned_data
        scope = scope_for(self.actor, account_id=values["account"], strategy=values["strategy"])
        try:
            switch = kill_switch_press(
                actor=self.actor, scope=scope, reason=values["reason"], flatten=values["flatten"]
            )
        except InvalidInput as error:
            form.add_error("reason", error.detail)
            return self._page(request, form, status=422)
        text = f"Pressed for {switch.scope_label}: {switch.orders_cancelled} orders cancelled"
        closed = f", {switch.positions_closed} positions closed" if switch.flatten else ""
        messages.warning(request, f"{text}{closed}.")
        return redirect(desk_of(scope.account_id))

    def _page(self, request: HttpRequest, form: KillSwitchForm, status: int = 200) -> HttpResponse:
        switches = kill_switches_for(self.actor, only_pressed=False)[:HISTORY_SHOWN]
        context = {"tab": "kill_switch", "form": form, "accounts": accounts_for(self.actor), "switches": switches}
        return render(request, "riskmgmt/kill_switch.html", {**context, "may_kill": True}, status=status)


class KillSwitchReleaseView(TenantPageMixin, View):
    """The two steps of a release."""

    permission_required = Permission.KILL_SWITCH

    def get(self, request: HttpRequest, kill_switch_id: UUID) -> HttpResponse:
        """Where the release stands."""
        return self._page(request, self._switch(kill_switch_id))

    def post(self, request: HttpRequest, kill_switch_id: UUID) -> HttpResponse:
        """Ask for the release, or confirm it with the token."""
        switch = self._switch(kill_switch_id)
        require_recent_log_in(request)
        try:
            if request.POST.get("step") == "ask":
                asked = kill_switch_release_ask(actor=self.actor, kill_switch_id=kill_switch_id)
                return self._page(request, asked.switch, token=asked.token)
            form = ReleaseForm(request.POST)
            if not form.is_valid():
                return self._page(request, switch, error="Type the token.", status=422)
            released = kill_switch_release_confirm(
                actor=self.actor, kill_switch_id=kill_switch_id, token=form.cleaned_data["token"]
            )
        except (Unprocessable, PermissionDenied) as error:
            return self._page(request, self._switch(kill_switch_id), error=error.detail, status=422)
        except Conflict as error:
            messages.info(request, error.detail)
            return redirect(desk_of(switch.account_id))
        messages.success(request, f"Released: {released.scope_label} may trade again.")
        return redirect(desk_of(released.account_id))

    def _switch(self, kill_switch_id: UUID) -> KillSwitch:
        switch = kill_switches_for(self.actor, only_pressed=False).filter(id=kill_switch_id).first()
        if switch is None:
            raise NotFound("There is no such kill switch.", code="unknown_kill_switch")
        return switch

    def _page(
        self, request: HttpRequest, switch: KillSwitch, *, token: str = "", error: str = "", status: int = 200
    ) -> HttpResponse:
        context = {"switch": switch, "token": token, "error": error}
        return render(request, "riskmgmt/release.html", context, status=status)
