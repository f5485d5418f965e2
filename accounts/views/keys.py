"""API keys."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin, require_recent_log_in
from accounts.domain.permissions import Permission
from accounts.forms import ApiKeyForm
from accounts.selectors import api_key_get, api_keys
from accounts.services import api_key_create, api_key_revoke
from core.clock import wall_now
from core.errors import InvalidInput


class ApiKeysView(TenantPageMixin, View):
    """Keys, and a form for a new one."""

    permission_required = Permission.MANAGE_API_KEYS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        return self._page(request, ApiKeyForm(actor=self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make a key and show it, this once."""
        require_recent_log_in(request)
        form = ApiKeyForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._page(request, form)
        try:
            key, secret = api_key_create(actor=self.actor, **form.arguments())
        except InvalidInput as refusal:
            for field, lines in refusal.errors.items():
                for line in lines:
                    form.add_error(field if field in form.fields else None, line)
            return self._page(request, form)
        return self._page(request, ApiKeyForm(actor=self.actor), created=key, secret=secret)

    def _page(self, request: HttpRequest, form: ApiKeyForm, **more: Any) -> HttpResponse:
        context = {
            "settings_tab": "api_keys",
            "keys": api_keys(self.actor),
            "now": wall_now(),
            "shows_everybody": self.actor.may(Permission.MANAGE_MEMBERS),
            "form": form,
            **more,
        }
        response = render(request, "accounts/api_keys.html", context, status=422 if form.errors else 200)
        if "secret" in more:
            response["Cache-Control"] = "no-store"
        return response


class ApiKeyRevokeView(TenantPageMixin, View):
    """Making a key useless; asks first."""

    permission_required = Permission.MANAGE_API_KEYS

    def get(self, request: HttpRequest, api_key_id: UUID) -> HttpResponse:
        """What will happen."""
        key = api_key_get(self.actor, api_key_id)
        return render(request, "accounts/api_key_revoke.html", {"settings_tab": "api_keys", "key": key})

    def post(self, request: HttpRequest, api_key_id: UUID) -> HttpResponse:
        """Do it."""
        api_key_revoke(actor=self.actor, api_key_id=api_key_id)
        messages.success(request, "The key no longer works.")
        return redirect("accounts:api_keys")
