"""The audit trail as a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from accounts.forms import AuditFilterForm
from accounts.selectors import audit_entries

_ROWS = 50


class AuditView(TenantPageMixin, View):
    """What was done, newest first; the filters swap the rows in place."""

    permission_required = Permission.VIEW_AUDIT

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or for HTMX the rows alone."""
        form = AuditFilterForm(request.GET)
        wanted = form.cleaned_data if form.is_valid() else {}
        action, actor_text = wanted.get("action", ""), wanted.get("actor", "")
        entries = audit_entries(self.actor, action=action, actor_text=actor_text)
        if wanted.get("before"):
            entries = entries.filter(seq__lt=wanted["before"])
        rows = list(entries[: _ROWS + 1])
        context = {
            "settings_tab": "audit",
            "entries": rows[:_ROWS],
            "older": rows[_ROWS - 1].seq if len(rows) > _ROWS else None,
            "action": action,
            "actor_text": actor_text,
            "is_filtered": bool(action or actor_text or wanted.get("before")),
        }
        rows_only = request.headers.get("HX-Target") == "audit"
        return render(request, "accounts/_audit_rows.html" if rows_only else "accounts/audit.html", context)
