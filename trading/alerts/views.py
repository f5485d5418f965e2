"""The watchlist page. Each change is a form post; with HTMX only the rows come back."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_search
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest

from . import selectors, services
from .models import Watchlist

_SUGGESTIONS = 8
_CHOSEN = "watchlist"


@dataclass(frozen=True, slots=True)
class Row:
    """An instrument of a list with what is known of its price."""

    instrument: Instrument
    quote: Quote | None


def rows_of(watchlist: Watchlist | None) -> list[Row]:
    """The rows of a list in its order."""
    instruments = selectors.instruments_of(watchlist) if watchlist else []
    quotes = quotes_latest([instrument.key for instrument in instruments])
    return [Row(instrument, quotes.get(instrument.key)) for instrument in instruments]


def chosen_list(request: HttpRequest, lists: list[Watchlist]) -> Watchlist | None:
    """The list named in the address, else the one this session looked at last, else the first."""
    wanted = request.GET.get("list") or request.session.get(_CHOSEN)
    chosen = next((one for one in lists if str(one.pk) == wanted), next(iter(lists), None))
    if chosen and request.session.get(_CHOSEN) != str(chosen.pk):
        request.session[_CHOSEN] = str(chosen.pk)
    return chosen


def page_context(request: HttpRequest, actor: Actor) -> dict[str, object]:
    """What the page, its rows and the panel draw."""
    lists = selectors.watchlists_by_ownership(actor)
    chosen = chosen_list(request, lists)
    may_change = actor.may(Permission.MANAGE_WATCHLISTS)
    return {
        "lists": lists,
        "chosen": chosen,
        "rows": rows_of(chosen),
        "may_create": may_change,
        "may_change": may_change and chosen is not None and chosen.owner_id == actor.user_id,
        "may_trade": actor.may(Permission.PLACE_ORDERS),
        "largest": services.LARGEST_LIST,
    }


class WatchlistView(TenantPageMixin, View):
    """Tabs of lists over the rows of the chosen one."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its rows alone for HTMX."""
        template = "alerts/_rows.html" if request.headers.get("HX-Request") else "alerts/watchlist.html"
        return render(request, template, page_context(request, self.actor))


class PanelView(TenantPageMixin, View):
    """The narrow list beside a chart."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The chosen list with `?current=` marked."""
        context = page_context(request, self.actor) | {"current": request.GET.get("current", "")}
        return render(request, "alerts/_panel.html", context)


class SuggestView(TenantPageMixin, View):
    """Instruments to add, while somebody types."""

    permission_required: ClassVar[Permission] = Permission.MANAGE_WATCHLISTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The best matches for `?q=`, each with a button that adds it to `?list=`."""
        lists = selectors.watchlists_by_ownership(self.actor)
        text = request.GET.get("q", "")
        context = {
            "chosen": chosen_list(request, lists),
            "query": text,
            "found": instrument_search(text, limit=_SUGGESTIONS),
        }
        return render(request, "alerts/_suggestions.html", context)


class _ChangeView(TenantPageMixin, View):
    """A change of a list: a refusal is told as a message, and the page shows what holds."""

    permission_required: ClassVar[Permission] = Permission.MANAGE_WATCHLISTS
    http_method_names = ["post"]
    reloads_page: ClassVar[bool] = False

    def change(self, request: HttpRequest, **ids: UUID) -> Watchlist | None:
        """Do it; the list to show afterwards."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **ids: UUID) -> HttpResponse:
        """Change, then show the rows (HTMX) or go back to the page."""
        refusal = ""
        try:
            shown = self.change(request, **ids)
        except (InvalidInput, Conflict) as error:
            refusal = " ".join(line for lines in error.errors.values() for line in lines) or error.detail
        else:
            request.session[_CHOSEN] = str(shown.pk) if shown else ""
        if not request.headers.get("HX-Request"):
            if refusal:
                messages.error(request, refusal)
            return redirect("alerts:watchlist")
        if self.reloads_page:
            return HttpResponseClientRedirect(reverse("alerts:watchlist"))
        answer = render(request, "alerts/_rows.html", page_context(request, self.actor))
        return trigger_client_event(answer, "toast", {"text": refusal, "tone": "bad"}) if refusal else answer


class CreateView(_ChangeView):
    """A new list."""

    def change(self, request: HttpRequest, **ids: UUID) -> Watchlist:
        return services.watchlist_create(actor=self.actor, name=request.POST.get("name", ""))


class UpdateView(_ChangeView):
    """Rename and share."""

    def change(self, request: HttpRequest, **ids: UUID) -> Watchlist:
        return services.watchlist_update(
            actor=self.actor,
            watchlist_id=ids["watchlist_id"],
            name=request.POST.get("name", ""),
            is_shared="is_shared" in request.POST,
        )


class DeleteView(_ChangeView):
    """Delete a list, and its tab with it."""

    reloads_page = True

    def change(self, request: HttpRequest, **ids: UUID) -> None:
        services.watchlist_delete(actor=self.actor, watchlist_id=ids["watchlist_id"])


class ItemAddView(_ChangeView):
    """Put an instrument on a list."""

    def change(self, request: HttpRequest, **ids: UUID) -> Watchlist:
        return services.watchlist_items_add(
            actor=self.actor, watchlist_id=ids["watchlist_id"], keys=[request.POST.get("symbol", "")]
        )


class ItemRemoveView(_ChangeView):
    """Take an instrument off a list."""

    def change(self, request: HttpRequest, **ids: UUID) -> Watchlist:
        return services.watchlist_item_remove(
            actor=self.actor, watchlist_id=ids["watchlist_id"], key=request.POST.get("symbol", "")
        )


class ItemMoveView(_ChangeView):
    """Move an instrument one row."""

    def change(self, request: HttpRequest, **ids: UUID) -> Watchlist:
        steps = -1 if request.POST.get("direction") == "up" else 1
        return services.watchlist_item_move(
            actor=self.actor, watchlist_id=ids["watchlist_id"], key=request.POST.get("symbol", ""), steps=steps
        )
