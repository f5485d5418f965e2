"""The triggers page: what is watched and how far away it is, making, changing and ending triggers."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View
from django_htmx.http import trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, NotFound, Unprocessable
from trading.instruments.selectors import instrument_get
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.triggers.states import TriggerKind
from trading.orders.forms.orders import full_key, products_for
from trading.orders.forms.triggers import (
    KINDS,
    TriggerFilter,
    TriggerForm,
    TriggerModifyForm,
    modify_initial,
    trigger_initial,
)
from trading.orders.models import Trigger
from trading.orders.selectors.triggers import (
    trigger_events,
    trigger_get,
    trigger_orders,
    triggers_filtered,
    triggers_in_alarm,
    triggers_open,
)
from trading.orders.services.triggers import trigger_cancel, trigger_create, trigger_modify, triggers_cancel_all
from trading.portfolio.active_account import active_account, visible_accounts
from trading.portfolio.models import Position
from trading.portfolio.selectors import position_get

from .answers import field_reasons

PAGE_SIZE = 50
PREFILL = ("kind", "side", "quantity", "product")


class TriggerListView(TenantPageMixin, View):
    """Triggers by view (active, in alarm, history), symbol and account."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        chosen = TriggerFilter(request.GET)
        view, criteria = chosen.criteria()
        triggers = triggers_filtered(self.actor, **criteria).select_related("account", "instrument")
        context = {
            "page": Paginator(triggers, PAGE_SIZE).get_page(request.GET.get("page")),
            "view": view,
            "views": [(name, label) for name, (label, _) in TriggerFilter.VIEWS.items()],
            "filter": chosen,
            "accounts": visible_accounts(request, self.actor),
            "alarms": list(triggers_in_alarm(self.actor)),
            "open_count": triggers_open(self.actor).count(),
            "may_cancel": self.actor.may(Permission.CANCEL_ORDERS),
            "may_modify": self.actor.may(Permission.PLACE_ORDERS),
        }
        template = "triggers/_book.html" if request.headers.get("HX-Request") else "triggers/list.html"
        return render(request, template, context)


class TriggerAlarmsView(TenantPageMixin, View):
    """Exits that were refused and have not gone out since, for the pages on which nobody may miss them."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The partial, empty when all is well."""
        return render(request, "triggers/_alarms.html", {"alarms": list(triggers_in_alarm(self.actor))})


class TriggerNewView(TenantPageMixin, View):
    """The form for `?symbol=` or, to guard one, `?position=`: a page of its own, or a partial for the sheet."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, filled as far as the query string says."""
        position = _position(self, request)
        symbol = position.instrument.key if position else request.GET.get("symbol", "")
        account = position.account if position else active_account(request, self.actor)
        if account is None:
            return _page_or_partial(request, "orders/_ticket_empty.html", {"account": account})
        if not symbol:
            return _page_or_partial(request, "triggers/_which.html", {})
        instrument = instrument_get(full_key(symbol))
        if not instrument.is_tradable:
            return _page_or_partial(request, "orders/_ticket_index.html", {"instrument": instrument})
        initial = trigger_initial(
            instrument=instrument,
            account_id=account.id,
            position=position,
            asked={name: request.GET[name] for name in PREFILL if request.GET.get(name)},
            product=products_for(instrument)[0],
        )
        form = TriggerForm(initial=initial, auto_id=f"trigger-{initial['client_order_id'][-6:]}-%s")
        context = _form_context(request, self, form, symbol=instrument.key)
        return _page_or_partial(request, "triggers/_form.html", {**context, "position": position})

    def post(self, request: HttpRequest) -> HttpResponse:
        """What was made of it, or the form with a word on why not."""
        form = TriggerForm(request.POST, auto_id=f"trigger-{request.POST.get('client_order_id', '')[-6:]}-%s")
        reasons: list[str] = []
        if form.is_valid():
            try:
                trigger = trigger_create(actor=self.actor, intent=form.intent())
            except (Conflict, InvalidInput, NotFound, Unprocessable) as error:
                reasons = field_reasons(error)
            else:
                return _made(request, trigger)
        else:
            reasons = [str(text) for texts in form.errors.values() for text in texts]
        symbol = getattr(form, "instrument", None)
        if symbol is None:
            raise InvalidInput(" ".join(reasons), code="invalid_trigger")
        context = _form_context(request, self, form, symbol=symbol.key)
        return _page_or_partial(request, "triggers/_form.html", {**context, "reasons": reasons}, status=422)


class TriggerDetailView(TenantPageMixin, View):
    """One trigger: what it waits for, its orders and its history."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, trigger_id: UUID) -> HttpResponse:
        """The page, or its body when the trigger has moved."""
        trigger = trigger_get(self.actor, trigger_id)
        context = {
            "trigger": trigger,
            "instrument": trigger.instrument,
            "events": list(trigger_events(trigger)),
            "orders": list(trigger_orders(trigger)),
            "may_cancel": self.actor.may(Permission.CANCEL_ORDERS),
            "may_modify": self.actor.may(Permission.PLACE_ORDERS),
        }
        partial = request.headers.get("HX-Request")
        return render(request, "triggers/_detail.html" if partial else "triggers/detail.html", context)


class TriggerModifyView(TenantPageMixin, View):
    """Change what an open trigger waits for."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest, trigger_id: UUID) -> HttpResponse:
        """The form, for the sheet or as a page."""
        trigger = trigger_get(self.actor, trigger_id)
        return self._form(request, trigger, TriggerModifyForm(initial=modify_initial(trigger)), [])

    def post(self, request: HttpRequest, trigger_id: UUID) -> HttpResponse:
        """The changed trigger's news, or the form with the reason why not."""
        form = TriggerModifyForm(request.POST)
        trigger = trigger_get(self.actor, trigger_id)
        if not form.is_valid():
            reasons = [str(text) for texts in form.errors.values() for text in texts]
            return self._form(request, trigger, form, reasons, status=422)
        try:
            trigger_modify(actor=self.actor, trigger_id=trigger_id, modification=form.modification(trigger))
        except (Conflict, InvalidInput, Unprocessable) as error:
            return self._form(request, trigger, form, field_reasons(error), status=422)
        return _changed(request, trigger, f"Changed the trigger on {trigger.instrument.symbol}.")

    def _form(
        self,
        request: HttpRequest,
        trigger: Trigger,
        form: TriggerModifyForm,
        reasons: list[str],
        *,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "trigger": trigger,
            "instrument": trigger.instrument,
            "legs": [leg for leg in trigger.legs.all() if leg.role != "ENTRY"],
            "has_entry": TriggerKind(trigger.kind).has_entry,
            "form": form,
            "reasons": reasons,
        }
        return _page_or_partial(request, "triggers/_modify.html", context, status=status)


class TriggerCancelView(TenantPageMixin, View):
    """End one trigger."""

    permission_required: ClassVar[Permission] = Permission.CANCEL_ORDERS

    def post(self, request: HttpRequest, trigger_id: UUID) -> HttpResponse:
        """Tell the page that the trigger has ended."""
        try:
            trigger = trigger_cancel(actor=self.actor, trigger_id=trigger_id)
        except Conflict as error:
            return _changed(request, trigger_get(self.actor, trigger_id), error.detail, tone="warn")
        return _changed(request, trigger, f"Cancelled the trigger on {trigger.instrument.symbol}.")


class TriggerCancelAllView(TenantPageMixin, View):
    """End every open trigger of one account, or of all that the actor may see."""

    permission_required: ClassVar[Permission] = Permission.CANCEL_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Tell how many were ended."""
        account = request.POST.get("account")
        try:
            account_id = UUID(account) if account else None
        except ValueError as error:
            raise InvalidInput("account is not an id.", errors={"account": ["Not a valid UUID."]}) from error
        ended = triggers_cancel_all(actor=self.actor, account_id=account_id)
        return _changed(request, None, f"Cancelled {len(ended)} triggers.")


def _position(view: TenantPageMixin, request: HttpRequest) -> Position | None:
    asked = request.GET.get("position")
    if not asked:
        return None
    try:
        position = position_get(view.actor, UUID(asked))
    except ValueError as error:
        raise InvalidInput("position is not an id.", errors={"position": ["Not a valid UUID."]}) from error
    return position if position.quantity else None


def _form_context(request: HttpRequest, view: TenantPageMixin, form: TriggerForm, *, symbol: str) -> dict[str, Any]:
    instrument = instrument_get(symbol)
    return {
        "form": form,
        "instrument": instrument,
        "products": products_for(instrument),
        "kinds": [(kind.value, label, text) for kind, (label, text) in KINDS.items()],
        "accounts": [one for one in visible_accounts(request, view.actor) if one.is_active],
        "quote": quote_latest(instrument.key),
    }


def _made(request: HttpRequest, trigger: Trigger) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("triggers:detail", args=[trigger.id]))
    response = render(request, "triggers/_made.html", {"trigger": trigger, "instrument": trigger.instrument})
    return trigger_client_event(response, "desk:changed", {"value": "orders positions"})


def _changed(request: HttpRequest, trigger: Trigger | None, text: str, *, tone: str = "ok") -> HttpResponse:
    """Answer an act: for HTMX a toast and the news that orders moved, otherwise a redirect with a message."""
    if request.headers.get("HX-Request"):
        response = trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": tone})
        response = trigger_client_event(response, "sheet:close", {})
        return trigger_client_event(response, "desk:changed", {"value": "orders positions"})
    messages.success(request, text)
    target = reverse("triggers:detail", args=[trigger.id]) if trigger else reverse("triggers:list")
    return HttpResponseRedirect(target)


def _page_or_partial(
    request: HttpRequest, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, partial, context, status=status)
    return render(request, "triggers/form.html", {**context, "partial": partial}, status=status)
