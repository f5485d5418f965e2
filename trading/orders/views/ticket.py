"""The order ticket: an empty form, its live preview, and what became of the order."""

from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django_htmx.http import trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core import clock
from core.errors import Conflict, InvalidInput, NotFound, SaudaError, Unprocessable
from core.money import from_paise
from trading.brokers.domain.terms import Side
from trading.instruments.selectors import instrument_get
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.headroom import refusals, tightest
from trading.orders.forms.orders import (
    BY_PERCENT,
    BY_POINTS,
    TYPES,
    TicketForm,
    products_for,
    suggested_prices,
    ticket_initial,
)
from trading.orders.models import Order, Trigger
from trading.orders.selectors.groups import group_get, group_orders
from trading.orders.services import order_preview, order_submit, order_submit_sliced
from trading.orders.services.order.context import session_facts
from trading.orders.services.order.preview import OrderPreview
from trading.orders.services.triggers import trigger_create
from trading.orders.services.triggers.preview import EntryPreview, entry_preview
from trading.portfolio.active_account import active_account, visible_accounts

from .answers import field_reasons, form_problems, reasons

PREFILL = (
    "quantity",
    "order_type",
    "product",
    "price",
    "trigger_price",
    "disclosed_quantity",
    "target",
    "stop",
    "stop_as",
)


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
        if not instrument.is_tradable:
            return _page_or_partial(request, "orders/_ticket_index.html", {"instrument": instrument})
        side = Side.SELL if request.GET.get("side") == Side.SELL else Side.BUY
        quote = quote_latest(instrument.key)
        suggested = {one: suggested_prices(instrument, one, quote) for one in Side}
        session = session_facts(instrument, clock.now())
        initial = ticket_initial(
            instrument=instrument,
            account=account,
            side=side,
            suggested=suggested[side],
            after_market=session.takes_after_market,
            asked={name: request.GET[name] for name in PREFILL if request.GET.get(name)},
        )
        context = {
            "form": TicketForm(initial=initial, auto_id=f"ticket-{initial['client_order_id'][-6:]}-%s"),
            "instrument": instrument,
            "products": products_for(instrument),
            "types": TYPES,
            "suggested": suggested,
            "session": session,
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
            unread = {"problems": form_problems(form), "wrong": list(form.errors)}
            return render(request, "orders/_preview.html", unread)
        try:
            preview, entry = self._judged(form)
        except (Conflict, InvalidInput, NotFound) as error:
            return render(request, "orders/_preview.html", _refusal(form, error))
        intent = form.intent()
        context = {
            "preview": preview,
            "outcome": entry and entry.outcome,
            "stop_trails": form.cleaned_data["stop_as"] in (BY_POINTS, BY_PERCENT),
            "intent": intent,
            "side": intent.side,
            "instrument": form.instrument,
            "margin": from_paise(preview.margin_paise),
            "split": {name: Decimal(rupees) for name, rupees in preview.margin.as_strings().items()},
            "refusals": refusals(preview.decisions),
            "tightest": tightest(preview.decisions),
        }
        return render(request, "orders/_preview.html", context)

    def _judged(self, form: TicketForm) -> tuple[OrderPreview, EntryPreview | None]:
        if not form.has_exits:
            sliced = form.cleaned_data["autoslice"]
            return order_preview(actor=self.actor, intent=form.intent(), is_sliced=sliced), None
        entry = entry_preview(actor=self.actor, intent=form.entry())
        return entry.order, entry


class SubmitView(TenantPageMixin, View):
    """Send the order. The same ticket sent twice is one order: its `client_order_id` is in the form."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The order's true state; a ticket that is no order stays as it was, with a word on why."""
        form = TicketForm(request.POST)
        if not form.is_valid():
            return _not_sent(request, form_problems(form))
        try:
            _not_of_both_kinds(form)
            if form.has_exits:
                return self._entered(request, form)
            order = self._placed(form)
        except (Conflict, InvalidInput, NotFound, Unprocessable) as error:
            return _not_sent(request, field_reasons(error) if form.has_exits else reasons(error))
        return _page_or_partial(request, "orders/_result.html", {"order": order, "instrument": form.instrument})

    def _entered(self, request: HttpRequest, form: TicketForm) -> HttpResponse:
        trigger = trigger_create(actor=self.actor, intent=form.entry())
        context = {"trigger": trigger, "instrument": form.instrument}
        return _page_or_partial(request, "triggers/_made.html", context)

    def _placed(self, form: TicketForm) -> Order:
        """The order, or the first of its slices where it is above the freeze quantity and may be sliced."""
        intent, freeze = form.intent(), form.instrument.freeze_quantity
        if not form.cleaned_data["autoslice"] or freeze is None or intent.quantity <= freeze:
            return order_submit(actor=self.actor, intent=intent)
        group = order_submit_sliced(actor=self.actor, intent=intent)
        return group_orders(group_get(self.actor, group.id))[0]


def _not_of_both_kinds(form: TicketForm) -> None:
    """One ticket is one order. Sent without an answer, then given a stop and sent again, it would be two: orders
    and triggers keep their `client_order_id`s apart. Raises `Unprocessable` (`idempotency_mismatch`).
    """
    sent = Trigger if not form.has_exits else Order
    name, account = form.cleaned_data["client_order_id"], form.cleaned_data["account"]
    if sent.objects.filter(account_id=account, client_order_id=name).exists():
        message = "This ticket was sent already, with other exits: see your orders before you send another."
        raise Unprocessable(message, code="idempotency_mismatch")


# The ticket's fields, by the names that a trigger's faults give them.
_FIELDS = {
    "legs.STOP.trigger_price": "stop",
    "legs.STOP.trail_points": "stop",
    "legs.STOP.trail_percent": "stop",
    "legs.TARGET.trigger_price": "target",
    "legs.ENTRY.price": "price",
    "legs": "stop",
}


def _refusal(form: TicketForm, error: SaudaError) -> dict[str, Any]:
    """Why a ticket cannot be sent, with the error's code and the fields to mend."""
    return {
        "problems": field_reasons(error) if form.has_exits else reasons(error),
        "code": error.code,
        "wrong": [_FIELDS.get(name, name) for name in error.errors],
    }


def _not_sent(request: HttpRequest, why: list[str]) -> HttpResponse:
    text = "Nothing was sent. " + " ".join(why)
    if request.headers.get("HX-Request"):
        return trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": "bad"})
    messages.error(request, text)
    return redirect(f"{reverse('orders:ticket')}?{urlencode({'symbol': request.POST.get('symbol', '')})}")


def _page_or_partial(request: HttpRequest, partial: str, context: dict[str, Any]) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, partial, context)
    return render(request, "orders/ticket.html", context | {"partial": partial})
