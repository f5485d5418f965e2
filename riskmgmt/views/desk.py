"""The risk desk: limits with their use, trading states, circuit breaker and kill switches of one account."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from accounts.models import Membership
from core import clock
from core.errors import NotFound
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import State
from riskmgmt.models import RiskLimit
from riskmgmt.selectors import (
    LimitUse,
    breaker_shapes,
    decisions_for,
    kill_switches_for,
    limits_and_use,
    states_for,
    trading_state,
    transitions_for,
)
from riskmgmt.services import scope_for
from trading.portfolio.active_account import active_account
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get, accounts_for

REFUSALS_SHOWN = 12
MOVES_SHOWN = 5


def account_of(view: TenantPageMixin, request: HttpRequest) -> TradingAccount | None:
    """The account that a page is about; None stands for the whole organisation."""
    raw = request.GET.get("account")
    if raw == "defaults":
        return None
    if raw:
        return account_get(view.actor, id_of(raw))
    return active_account(request, view.actor)


def id_of(text: str) -> UUID:
    """An id from an address. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def scope_of(view: TenantPageMixin, request: HttpRequest) -> Scope:
    """The level that an address names by `user`, `strategy` and `account`."""
    account = request.GET.get("account", "")
    user = request.GET.get("user", "")
    strategy = request.GET.get("strategy", "")
    if not (account or user or strategy):
        chosen = active_account(request, view.actor)
        return Scope(view.actor.organisation_id, chosen.pk if chosen else None)
    return scope_for(
        view.actor,
        account_id=None if account in ("", "defaults") else id_of(account),
        user_id=id_of(user) if user else None,
        strategy=strategy,
    )


def grouped(uses: list[LimitUse]) -> list[tuple[str, list[LimitUse]]]:
    """Uses under the heading of their kind, in the order in which the kinds first come."""
    order = list(dict.fromkeys(use.group for use in uses))
    ranked = sorted(uses, key=lambda use: order.index(use.group))
    return [(group, list(members)) for group, members in groupby(ranked, key=lambda use: use.group)]


class RiskView(TenantPageMixin, View):
    """Limits with their use, what holds trading back, and the newest refusals, of one account."""

    permission_required = Permission.VIEW_RISK

    def get(self, request: HttpRequest) -> HttpResponse:
        """The whole page, or its live part for HTMX."""
        account = account_of(self, request)
        template = "riskmgmt/risk.html#live" if request.headers.get("HX-Request") else "riskmgmt/risk.html"
        return render(request, template, self._context(account))

    def _context(self, account: TradingAccount | None) -> dict[str, Any]:
        account_id = account.pk if account else None
        refusals = decisions_for(self.actor, account_id=account_id, allowed=False)
        organisation_id = self.actor.organisation_id
        standing = None
        if account_id is not None:
            standing = trading_state(account_id, "", clock.now(), organisation_id=organisation_id)
        return {
            "tab": "desk",
            "account": account,
            "accounts": accounts_for(self.actor),
            "groups": grouped(limits_and_use(Scope(organisation_id, account_id))),
            "levels": self._levels(),
            "members": self._members(),
            "standing": standing,
            "states": states_for(self.actor, account_id=account_id),
            "state_choices": [state.value for state in State],
            "switches": kill_switches_for(self.actor, account_id=account_id),
            "breakers": breaker_shapes(self.actor, account_id=account_id),
            "moves": transitions_for(self.actor, account_id=account_id)[:MOVES_SHOWN],
            "refusals": refusals[:REFUSALS_SHOWN],
            "may_change": self.actor.may(Permission.CHANGE_LIMITS),
            "may_kill": self.actor.may(Permission.KILL_SWITCH),
        }

    def _levels(self) -> list[RiskLimit]:
        """Every level that has set limits, for those who change them."""
        if not self.actor.may(Permission.CHANGE_LIMITS):
            return []
        rows = RiskLimit.objects.for_actor(self.actor).select_related("account", "user")
        return sorted(rows, key=lambda row: (row.level.value, str(row)))

    def _members(self) -> list[Membership]:
        if not self.actor.may(Permission.CHANGE_LIMITS):
            return []
        return list(Membership.objects.for_actor(self.actor).select_related("user").order_by("user__email"))
