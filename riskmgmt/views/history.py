"""Decisions with their reasons, and the history of breaches."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from riskmgmt.selectors import breaches_for, decisions_for
from trading.portfolio.selectors import accounts_for

from .desk import account_of

PAGE = 50


class DecisionsView(TenantPageMixin, View):
    """What the gates decided, by account, verdict, gate and symbol."""

    permission_required = Permission.VIEW_RISK

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        account = account_of(self, request)
        verdict, gate, symbol = (request.GET.get(name, "").strip() for name in ("verdict", "gate", "symbol"))
        rows = decisions_for(
            self.actor,
            account_id=account.pk if account else None,
            allowed={"allowed": True, "refused": False}.get(verdict),
            gate=gate[:30],
            key=symbol.upper()[:64],
        )
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            rows = rows.filter(id__lt=int(before))
        found = list(rows[: PAGE + 1])
        context: dict[str, Any] = {
            "tab": "decisions",
            "account": account,
            "accounts": accounts_for(self.actor),
            "decisions": found[:PAGE],
            "verdict": verdict,
            "gate": gate,
            "symbol": symbol,
            "may_kill": self.actor.may(Permission.KILL_SWITCH),
        }
        if len(found) > PAGE:
            query = {name: value for name, value in request.GET.items() if name != "before"}
            context["older"] = "?" + urlencode({**query, "before": found[PAGE - 1].pk})
        template = "riskmgmt/decisions.html"
        return render(request, f"{template}#rows" if request.headers.get("HX-Request") else template, context)


class BreachesView(TenantPageMixin, View):
    """Refusals, changes of trading states and moves of breakers, newest first."""

    permission_required = Permission.VIEW_RISK

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        account = account_of(self, request)
        before = _moment(request.GET.get("before", ""))
        found = breaches_for(self.actor, account_id=account.pk if account else None, before=before, limit=PAGE)
        rows = [{**row, "at": datetime.fromisoformat(row["at"])} for row in found]
        context: dict[str, Any] = {
            "tab": "breaches",
            "account": account,
            "accounts": accounts_for(self.actor),
            "breaches": rows,
            "may_kill": self.actor.may(Permission.KILL_SWITCH),
        }
        if len(found) >= PAGE:
            chosen = account.pk if account else "defaults"
            context["older"] = "?" + urlencode({"account": chosen, "before": found[-1]["at"]})
        template = "riskmgmt/breaches.html"
        return render(request, f"{template}#rows" if request.headers.get("HX-Request") else template, context)


def _moment(text: str) -> datetime | None:
    """An instant from an address; None for one that is none, which then filters nothing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
