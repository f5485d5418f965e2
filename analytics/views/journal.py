"""The trade journal."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from analytics.domain.pictures import MOST_BYTES
from analytics.forms.journal import JournalForm, PictureForm
from analytics.models import JournalEntry
from analytics.selectors.journal import entry_get, journal_for, journal_tags, picture_get
from analytics.serializers.files import served
from analytics.services import journal_change, journal_delete, journal_write, picture_add, picture_delete
from core import clock
from core.errors import SaudaError
from trading.portfolio.active_account import active_account, visible_accounts

from .scope import query_of, scope_context, scope_of

PAGE_SIZE = 30


class JournalPage(TenantPageMixin, View):
    """Entries, newest day first, and a form for one more."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list; with `opened_by` and `closed_by` the form is about that trade."""
        return self._page(request, self._form(request, initial=self._initial(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write an entry."""
        self.actor.require(Permission.WRITE_JOURNAL)
        form = self._form(request, data=request.POST)
        if form.is_valid():
            try:
                entry = journal_write(actor=self.actor, account_id=form.cleaned_data["account"], note=form.note)
            except SaudaError as error:
                form.add_error(None, error.detail)
            else:
                messages.success(request, "Written into the journal.")
                return redirect("analytics:journal_entry", entry_id=entry.id)
        return self._page(request, form, status=400)

    def _page(self, request: HttpRequest, form: JournalForm, status: int = 200) -> HttpResponse:
        scope = scope_of(request, self.actor)
        context = scope_context(request, self.actor, scope)
        account = context["account"]
        account_id = account.id if account else None
        tag = request.GET.get("tag", "")
        words = request.GET.get("q", "")[:200]
        rows = journal_for(
            self.actor,
            account_id=account_id,
            tag=tag,
            words=words,
            symbol="" if "opened_by" in request.GET else scope.symbol,
            first=scope.first,
            last=scope.last,
        )
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {
            "tab": "journal",
            "form": form,
            "page": page,
            "may_write": self.actor.may(Permission.WRITE_JOURNAL),
            "tag": tag,
            "words": words,
            "kept": [(name, value) for name, value in request.GET.items() if name not in ("q", "page")],
            "tags": [
                (name, count, query_of(request, tag=name)) for name, count in journal_tags(self.actor, account_id)
            ],
            "untagged": query_of(request, tag=None),
            "newer": query_of(request, page=page.previous_page_number()) if page.has_previous() else "",
            "older": query_of(request, page=page.next_page_number()) if page.has_next() else "",
        }
        return render(request, "analytics/journal.html", context, status=status)

    def _form(self, request: HttpRequest, **given: Any) -> JournalForm:
        return JournalForm(accounts=_accounts(request, self), **given)

    def _initial(self, request: HttpRequest) -> dict[str, Any]:
        values = request.GET
        named = ("symbol", "opened_by", "closed_by", "account")
        found = {name: values[name] for name in named if values.get(name) and values[name] != "all"}
        if "account" not in found and (account := active_account(request, self.actor)):
            found["account"] = str(account.id)
        return {"day": values.get("day") or clock.trading_date()} | found


class JournalEntryPage(TenantPageMixin, View):
    """One entry with its pictures; its author may change it."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest, entry_id: UUID) -> HttpResponse:
        """The entry."""
        entry = entry_get(self.actor, entry_id)
        initial = {
            "account": entry.account_id,
            "day": entry.day,
            "title": entry.title,
            "text": entry.text,
            "tags": ", ".join(tag.name for tag in entry.tags.all()),
            "rating": entry.rating,
            "symbol": entry.instrument.key if entry.instrument else "",
            "opened_by": entry.opened_by,
            "closed_by": entry.closed_by,
        }
        return self._page(request, entry, JournalForm(accounts=_accounts(request, self), initial=initial))

    def post(self, request: HttpRequest, entry_id: UUID) -> HttpResponse:
        """Put other words into it."""
        self.actor.require(Permission.WRITE_JOURNAL)
        entry = entry_get(self.actor, entry_id)
        data = request.POST.copy()
        data["account"] = str(entry.account_id)
        form = JournalForm(data, accounts=_accounts(request, self))
        if form.is_valid():
            try:
                journal_change(actor=self.actor, entry_id=entry_id, note=form.note)
            except SaudaError as error:
                form.add_error(None, error.detail)
            else:
                messages.success(request, "Saved.")
                return redirect("analytics:journal_entry", entry_id=entry_id)
        return self._page(request, entry, form, status=400)

    def _page(
        self, request: HttpRequest, entry: JournalEntry, form: JournalForm, status: int = 200
    ) -> HttpResponse:
        is_own = entry.author_id == self.actor.user_id and self.actor.may(Permission.WRITE_JOURNAL)
        context = {"tab": "journal", "entry": entry, "form": form, "picture_form": PictureForm(), "is_own": is_own}
        return render(request, "analytics/journal_entry.html", context, status=status)


class JournalDeleteView(TenantPageMixin, View):
    """Deleting an entry."""

    permission_required = Permission.WRITE_JOURNAL

    def post(self, request: HttpRequest, entry_id: UUID) -> HttpResponse:
        """Delete it with its pictures."""
        journal_delete(actor=self.actor, entry_id=entry_id)
        messages.success(request, "The entry is gone.")
        return redirect("analytics:journal")


class JournalPicturesView(TenantPageMixin, View):
    """Adding a picture."""

    permission_required = Permission.WRITE_JOURNAL

    def post(self, request: HttpRequest, entry_id: UUID) -> HttpResponse:
        """Add the picture that was sent."""
        entry_get(self.actor, entry_id)
        form = PictureForm(request.POST, request.FILES)
        if form.is_valid():
            sent: UploadedFile[Any] = form.cleaned_data["picture"]
            try:
                # One byte more than may be kept tells that it is too large; no more of it is read.
                content = sent.read(MOST_BYTES + 1)
                picture_add(
                    actor=self.actor, entry_id=entry_id, content=content, caption=form.cleaned_data["caption"]
                )
            except SaudaError as error:
                messages.error(request, error.detail)
            else:
                messages.success(request, "The picture is in the journal.")
        else:
            messages.error(request, "Choose a picture.")
        return redirect("analytics:journal_entry", entry_id=entry_id)


class JournalPictureView(TenantPageMixin, View):
    """A picture itself."""

    permission_required = Permission.VIEW_ANALYTICS

    def get(self, request: HttpRequest, picture_id: UUID) -> HttpResponse:
        """The bytes, for those who may see the account."""
        return served(picture_get(self.actor, picture_id))

    def post(self, request: HttpRequest, picture_id: UUID) -> HttpResponse:
        """Delete it."""
        entry_id = picture_delete(actor=self.actor, picture_id=picture_id)
        messages.success(request, "The picture is gone.")
        return redirect("analytics:journal_entry", entry_id=entry_id)


def _accounts(request: HttpRequest, view: TenantPageMixin) -> list[tuple[UUID, str]]:
    return [(account.id, account.name) for account in visible_accounts(request, view.actor)]
