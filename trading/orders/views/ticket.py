"""The order ticket: an empty form, its live preview, and what became of the order."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core import clock
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instrument_get
from trading.marketdata.selectors import quote_latest
from trading.orders.forms import TicketForm, products_for, ticket_initial
from trading.orders.services import order_preview, order_submit
from trading.portfolio.active_account import active_account, visible_accounts

PREFILL = ("quantity", "order_type", "product", "price")


class TicketView(TenantPageMixin, View):
    """A fresh ticket for `?symbol=&side=`: a page of its own, or a partial for the sheet and the desk."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, filled as far as the query string says."""
        symbol = request.GET.get("symbol", "")
        account = active_account(request, self.actor)
        if not symbol or account is None:
            return _page_or_partial(request, "orders/_ticket_empty.html", {"account": account})
        instrument = instrument_get(symbol)
        if instrument.instrument_type == InstrumentType.INDEX:
            return _page_or_partial(request, "orders/_ticket_index.html", {"instrument": instrument})
        side = Side.SELL if request.GET.get("side") == Side.SELL else Side.BUY
        quote = quote_latest(instrument.key)
        best = (quote.ask if side is Side.BUY else quote.bid) or quote.ltp if quote else None
        initial = ticket_initial(
            instrument=instrument,
            account=account,
            side=side,
            price=best,
            asked={name: request.GET[name] for name in PREFILL if request.GET.get(name)},
        )
        context = {
            "form": TicketForm(initial=initial, auto_id=f"ticket-{initial['client_order_id'][-6:]}-%s"),
            "instrument": instrument,
            "products": products_for(instrument),
            "account": account,
            "accounts": [one for one in visible_accounts(request, self.actor) if one.is_active],
            "quote": quote,
        }
        return _page_or_partial(request, "orders/_ticket.html", context)


class PreviewView(TenantPageMixin, View):
    """What the order would cost and do, and whether the gates would let it pass. Writes nothing."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The partial under the ticket, with the submit button."""
        form = TicketForm(request.POST)
        if not form.is_valid():
            return render(request, "orders/_preview.html", {"form": form})
        intent = form.intent()
        preview = order_preview(actor=self.actor, intent=intent)
        context = {"form": form, "preview": preview, "intent": intent, "instrument": form.instrument}
        return render(request, "orders/_preview.html", context | {"stale": _is_stale(form.instrument)})


class SubmitView(TenantPageMixin, View):
    """Send the order. The same ticket sent twice is one order: its `client_order_id` is in the form."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The order's true state; a malformed ticket comes back as it was, with what is wrong with it."""
        form = TicketForm(request.POST)
        if not form.is_valid():
            return render(request, "orders/_preview.html", {"form": form}, status=422)
        order = order_submit(actor=self.actor, intent=form.intent())
        return _page_or_partial(request, "orders/_result.html", {"order": order, "instrument": form.instrument})


def _is_stale(instrument: Instrument) -> bool:
    quote = quote_latest(instrument.key)
    return quote is None or quote.is_stale(clock.wall_now(), settings.QUOTE_STALE_AFTER)


def _page_or_partial(request: HttpRequest, partial: str, context: dict[str, Any]) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, partial, context)
    return render(request, "orders/ticket.html", context | {"partial": partial})
