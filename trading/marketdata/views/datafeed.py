"""Tokens for charting clients, among the settings."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin, require_recent_log_in
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput

from ..forms import DatafeedTokenForm
from ..selectors import datafeed_token_get, datafeed_tokens
from ..services import datafeed_token_create, datafeed_token_revoke


class DatafeedTokensView(TenantPageMixin, View):
    """The tokens, and a form for a new one."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        return self._page(request, DatafeedTokenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make a token and show it, this once."""
        require_recent_log_in(request)
        form = DatafeedTokenForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            token, text = datafeed_token_create(actor=self.actor, name=form.cleaned_data["name"])
        except (InvalidInput, Conflict) as refusal:
            form.add_error("name", [line for lines in refusal.errors.values() for line in lines] or refusal.detail)
            return self._page(request, form)
        address = request.build_absolute_uri(f"/udf/{text}")
        return self._page(request, DatafeedTokenForm(), created=token, address=address)

    def _page(self, request: HttpRequest, form: DatafeedTokenForm, **more: Any) -> HttpResponse:
        context = {
            "settings_tab": "datafeed",
            "tokens": datafeed_tokens(self.actor),
            "shows_everybody": self.actor.may(Permission.MANAGE_MEMBERS),
            "form": form,
            "public_address": request.build_absolute_uri("/udf") if settings.UDF_PUBLIC else "",
            **more,
        }
        response = render(request, "marketdata/datafeed.html", context, status=422 if form.errors else 200)
        if "address" in more:
            response["Cache-Control"] = "no-store"
        return response


class DatafeedTokenRevokeView(TenantPageMixin, View):
    """Closing a token's address; asks first."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        """What will happen."""
        token = datafeed_token_get(self.actor, token_id)
        return render(request, "marketdata/datafeed_revoke.html", {"settings_tab": "datafeed", "token": token})

    def post(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        """Do it."""
        datafeed_token_revoke(actor=self.actor, token_id=token_id)
        messages.success(request, "The token's address no longer answers.")
        return redirect("datafeed:tokens")
