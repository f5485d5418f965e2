"""Keeping the builder's legs under a name, and forgetting them."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views import View
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, NotFound
from trading.orders.forms.strategies import legs_in
from trading.orders.selectors.strategies.kept import option_strategy_get
from trading.orders.services.strategies.kept import option_strategy_delete, option_strategy_save
from trading.orders.views.answers import acted, reasons


class StrategyKeepView(TenantPageMixin, View):
    """Keep the legs under `name`; over the strategy of `?kept=` where one was opened."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def post(self, request: HttpRequest) -> HttpResponse:
        """The builder with the kept strategy."""
        try:
            kept = UUID(request.POST["kept"]) if request.POST.get("kept") else None
            strategy = option_strategy_save(
                actor=self.actor,
                name=request.POST.get("name", ""),
                legs=legs_in(request.POST),
                strategy_id=kept,
            )
        except ValueError as error:
            raise NotFound("There is no such strategy.", code="unknown_option_strategy") from error
        except (Conflict, InvalidInput) as error:
            return _not_kept(request, " ".join(["Nothing was kept.", *reasons(error)]))
        return _to(request, f"{reverse('builder:builder')}?kept={strategy.id}")


class StrategyForgetView(TenantPageMixin, View):
    """Forget a kept strategy."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def post(self, request: HttpRequest, strategy_id: UUID) -> HttpResponse:
        """Back to an empty builder."""
        underlying = option_strategy_get(self.actor, strategy_id).underlying
        option_strategy_delete(actor=self.actor, strategy_id=strategy_id)
        return _to(request, f"{reverse('builder:builder')}?underlying={underlying}")


def _to(request: HttpRequest, target: str) -> HttpResponse:
    return HttpResponseClientRedirect(target) if request.headers.get("HX-Request") else redirect(target)


def _not_kept(request: HttpRequest, text: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": "bad"})
    return acted(request, text, to=reverse("builder:builder"), tone="bad")
