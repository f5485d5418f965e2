"""Changing a live order: the sheet, its live preview, and what came of it."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, Unprocessable
from core.money import from_paise
from trading.brokers.domain.terms import OrderType
from trading.orders.domain.headroom import refusals, tightest
from trading.orders.domain.modification import TYPES, OrderModification, Standing
from trading.orders.forms.orders import TYPE_LABELS, ModifyForm
from trading.orders.models import Order
from trading.orders.selectors.orders import order_get
from trading.orders.services import modification_preview, order_modify

from .answers import answer_act, form_problems, reasons


class OrderModifyView(TenantPageMixin, View):
    """The terms of a live order, to change as far as its state allows."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """The sheet's form, or a page of its own."""
        return _form(request, order_get(self.actor, order_id))

    def post(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """Tell the page that the order changed, or the form with the reason why not."""
        order = order_get(self.actor, order_id)
        form = _posted(request, order)
        if not form.is_valid():
            return _form(request, order, form, problems=form_problems(form), status=422)
        modification = form.modification(order.to_intent(order.instrument.key))
        if modification == OrderModification():
            return _form(request, order, form, problems=["Nothing would change."], status=422)
        try:
            order = order_modify(actor=self.actor, order_id=order_id, modification=modification)
        except (Conflict, InvalidInput, Unprocessable) as error:
            return _form(request, order, form, problems=reasons(error), status=422)
        return answer_act(request, order, f"Changed {order.side.lower()} {order.instrument.symbol}.")


class ModifyPreviewView(TenantPageMixin, View):
    """What the order would cost and do with other terms, and whether the gates would let it pass."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """The partial under the form, with its button. Writes nothing."""
        order = order_get(self.actor, order_id)
        form = _posted(request, order)
        context: dict[str, Any] = {"order": order, "instrument": order.instrument, "is_modification": True}
        if not form.is_valid():
            return render(request, "orders/_preview.html", context | {"problems": form_problems(form)})
        modification = form.modification(order.to_intent(order.instrument.key))
        if modification == OrderModification():
            return render(request, "orders/_preview.html", context | {"problems": ["Nothing is changed yet."]})
        try:
            preview = modification_preview(actor=self.actor, order_id=order_id, modification=modification)
        except (Conflict, InvalidInput) as error:
            return render(request, "orders/_preview.html", context | {"problems": reasons(error)})
        context |= {
            "preview": preview,
            "intent": form.cleaned_data,
            "side": order.side,
            "margin": from_paise(preview.margin_paise),
            "refusals": refusals(preview.decisions),
            "tightest": tightest(preview.decisions),
        }
        return render(request, "orders/_preview.html", context)


def _posted(request: HttpRequest, order: Order) -> ModifyForm:
    """What was sent; a term that was not is the order's own."""
    return ModifyForm({**_terms(order), **request.POST.dict()})


def _terms(order: Order) -> dict[str, Any]:
    intent = order.to_intent(order.instrument.key)
    return {
        "order_type": intent.order_type,
        "quantity": intent.quantity,
        "price": intent.price,
        "trigger_price": intent.trigger_price,
        "disclosed_quantity": intent.disclosed_quantity,
    }


def _form(
    request: HttpRequest,
    order: Order,
    form: ModifyForm | None = None,
    *,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    if form is None:
        form = ModifyForm(initial=_terms(order), auto_id=f"modify-{order.id.hex[-6:]}-%s")
    context = {
        "order": order,
        "instrument": order.instrument,
        "form": form,
        "types": _types(order.standing),
        "problems": problems or [],
    }
    partial = "orders/_modify.html"
    if request.headers.get("HX-Request"):
        return render(request, partial, context, status=status)
    page = context | {"partial": partial, "title": "Modify order"}
    return render(request, "orders/ticket.html", page, status=status)


def _types(standing: Standing) -> list[tuple[OrderType, str]]:
    """The types that the order may have, in the ticket's order, with their labels."""
    allowed = TYPES[standing.stage]
    return [
        (kind, label)
        for kind, label in TYPE_LABELS.items()
        if kind in allowed and not (standing.is_triggered and kind.is_stop)
    ]
