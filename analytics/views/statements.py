"""Statements of brokers: the list with the form, the wizard for columns, one statement and its differences."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.domain.statements import StatementKind
from analytics.forms.statements import KIND_NAMES, StatementForm, mapping_rows
from analytics.selectors.statements import comparison_of, statement_get, statement_rows, statements_for
from analytics.services.statements import Imported, statement_delete, statement_import, statement_preview
from core.errors import InvalidInput
from trading.portfolio.active_account import active_account
from trading.portfolio.selectors import accounts_for

PAGE = 50
ROWS = 200
_LIST = "analytics/statements.html"


class StatementsView(TenantPageMixin, View):
    """What was imported, and the form for more."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The newest imports of the accounts that the caller may see."""
        return self.page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep a file, and go to what it says."""
        self.actor.require(Permission.IMPORT_STATEMENTS)
        form = StatementForm(list(accounts_for(self.actor)), request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form, status=422)
        try:
            found = self._import(form)
        except InvalidInput as error:
            for line in error.errors.get("file", [error.detail]):
                form.add_error("file", line)
            return self.page(request, form, status=422)
        if found.is_new:
            messages.success(request, f"{found.statement.rows} rows kept.")
        else:
            messages.info(request, "This file was imported before; nothing has changed.")
        return redirect("statements:statement", statement_id=found.statement.id)

    def _import(self, form: StatementForm) -> Imported:
        return statement_import(
            actor=self.actor,
            account_id=UUID(form.cleaned_data["account"]),
            file_name=form.cleaned_data["file"].name,
            content=form.content,
            way=form.way(),
            leave_out_faults=form.cleaned_data["leave_out_faults"],
        )

    def page(self, request: HttpRequest, form: StatementForm | None = None, status: int = 200) -> HttpResponse:
        """The list and the form, with what was wrong about the last try."""
        account = active_account(request, self.actor)
        accounts = list(accounts_for(self.actor))
        initial = {"account": str(account.pk)} if account else {}
        found = list(statements_for(self.actor)[: PAGE + 1])
        context: dict[str, Any] = {
            "form": form or StatementForm(accounts, initial=initial),
            "statements": found[:PAGE],
            "has_more": len(found) > PAGE,
            "kinds": KIND_NAMES,
            "may_import": self.actor.may(Permission.IMPORT_STATEMENTS) and bool(accounts),
        }
        return render(request, _LIST, context, status=status)


class StatementColumnsView(TenantPageMixin, View):
    """The wizard: what the file looks like, and which column is what."""

    permission_required = Permission.IMPORT_STATEMENTS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The panel of columns for the file that the form holds; nothing is kept."""
        form = StatementForm(list(accounts_for(self.actor)), request.POST, request.FILES)
        if not form.is_valid():
            return render(request, f"{_LIST}#columns", {"form": form, "problem": "Choose a file first."})
        way = form.way()
        try:
            preview = statement_preview(form.content, way)
        except InvalidInput as error:
            return render(request, f"{_LIST}#columns", {"form": form, "problem": error.detail})
        kind = way.kind or preview.kind
        context = {
            "form": form,
            "preview": preview,
            "rows": mapping_rows(kind, preview, dict(way.mapping))
            if form.maps_by_hand or not preview.format
            else [],
            "kind": kind,
            "kind_name": KIND_NAMES[kind],
        }
        return render(request, f"{_LIST}#columns", context)


class StatementView(TenantPageMixin, View):
    """One statement: what it told, and what does not agree."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest, statement_id: UUID) -> HttpResponse:
        """Differences first; the rows below."""
        statement = statement_get(self.actor, statement_id)
        rows = list(statement_rows(statement)[: ROWS + 1])
        context = {
            "statement": statement,
            "kind_name": KIND_NAMES[StatementKind(statement.kind)],
            "comparison": comparison_of(statement),
            "rows": rows[:ROWS],
            "has_more": len(rows) > ROWS,
            "may_import": self.actor.may(Permission.IMPORT_STATEMENTS),
        }
        return render(request, "analytics/statement.html", context)


class StatementDeleteView(TenantPageMixin, View):
    """Taking a statement out."""

    permission_required = Permission.IMPORT_STATEMENTS

    def post(self, request: HttpRequest, statement_id: UUID) -> HttpResponse:
        """Delete it with its rows, and go back to the list."""
        statement_delete(actor=self.actor, statement_id=statement_id)
        messages.success(request, "The statement was taken out. Our own book is as it was.")
        return redirect("statements:list")
