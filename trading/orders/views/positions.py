"""Ways out of positions: closing one or a part of it, carrying it on as another product, closing all."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View
from django_htmx.http import trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, Unprocessable
from core.ids import new_id
from trading.brokers.domain.terms import Product
from trading.orders.domain.states import OrderStatus
from trading.orders.forms.groups import CloseForm, ConvertForm, ScopeForm
from trading.orders.forms.orders import products_for
from trading.orders.models import Order
from trading.orders.services import (
    CloseTerms,
    conversion_submit,
    orders_cancel_each,
    orders_live,
    position_close,
    positions_close_all,
    positions_open,
)
from trading.orders.views.answers import acted, form_problems, reasons
from trading.portfolio.models import Position
from trading.portfolio.selectors import position_get

REFUSALS = (Conflict, InvalidInput, Unprocessable)


class PositionCloseView(TenantPageMixin, View):
    """Close a position: all of it at market at once, or as the form in the sheet says."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest, position_id: UUID) -> HttpResponse:
        """The form, filled with the whole position at market."""
        position = position_get(self.actor, position_id)
        return self._form(request, position, {"quantity": abs(position.quantity)})

    def post(self, request: HttpRequest, position_id: UUID) -> HttpResponse:
        """Tell what became of the close; without a quantity it is the whole position at market."""
        position = position_get(self.actor, position_id)
        terms, name = CloseTerms(), ""
        if request.POST.get("quantity"):
            form = CloseForm(request.POST)
            if not form.is_valid():
                return self._form(request, position, request.POST, form_problems(form))
            asked = form.cleaned_data
            terms, name = CloseTerms(asked["quantity"], asked["price"]), asked["client_order_id"]
        try:
            order = position_close(actor=self.actor, position_id=position_id, terms=terms, client_order_id=name)
        except REFUSALS as error:
            if request.POST.get("quantity"):
                return self._form(request, position, request.POST, reasons(error))
            return acted(request, error.detail, to=reverse("portfolio:positions"), tone="warn")
        text, tone = _told(order)
        answer = acted(request, text, to=reverse("portfolio:positions"), tone=tone)
        return trigger_client_event(answer, "sheet:close", {}) if request.headers.get("HX-Request") else answer

    def _form(
        self, request: HttpRequest, position: Position, values: Any, problems: list[str] | None = None
    ) -> HttpResponse:
        context = {
            "position": position,
            "instrument": position.instrument,
            "values": values,
            "problems": problems or [],
            "client_order_id": values.get("client_order_id") or str(new_id()),
        }
        return _page_or_sheet(request, "orders/positions/_close.html", "Close a position", context)


class PositionConvertView(TenantPageMixin, View):
    """Carry a position on as another product."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest, position_id: UUID) -> HttpResponse:
        """The form, filled with the whole position."""
        position = position_get(self.actor, position_id)
        return self._form(request, position, {"quantity": abs(position.quantity)})

    def post(self, request: HttpRequest, position_id: UUID) -> HttpResponse:
        """Tell what was converted, or why not."""
        position = position_get(self.actor, position_id)
        form = ConvertForm(request.POST)
        if not form.is_valid():
            return self._form(request, position, request.POST, form_problems(form))
        asked = form.cleaned_data
        try:
            conversion = conversion_submit(
                actor=self.actor,
                position_id=position_id,
                product=Product(asked["product"]),
                quantity=asked["quantity"],
                client_order_id=asked["client_order_id"],
            )
        except REFUSALS as error:
            return self._form(request, position, request.POST, reasons(error))
        kind = conversion.target.product.lower()
        text = f"Converted {asked['quantity']} {position.instrument.symbol} to {kind}."
        answer = acted(request, text, to=reverse("portfolio:positions"))
        return trigger_client_event(answer, "sheet:close", {}) if request.headers.get("HX-Request") else answer

    def _form(
        self, request: HttpRequest, position: Position, values: Any, problems: list[str] | None = None
    ) -> HttpResponse:
        context = {
            "position": position,
            "instrument": position.instrument,
            "products": [one for one in products_for(position.instrument) if one != position.product],
            "values": values,
            "problems": problems or [],
            "client_order_id": values.get("client_order_id") or str(new_id()),
        }
        return _page_or_sheet(request, "orders/positions/_convert.html", "Convert a position", context)


class PositionsCloseAllView(TenantPageMixin, View):
    """Close all open positions of an account, a strategy, a product: named first, closed when confirmed."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What would be closed, position by position."""
        scope = _scope(request.GET)
        found = positions_open(
            self.actor,
            account_id=scope.get("account"),
            strategy=scope.get("strategy"),
            product=scope.get("product") or "",
        )
        context = {
            "positions": found,
            "scope": scope,
            "everything": positions_open(self.actor),
            "client_order_id": str(new_id()),
        }
        return _page_or_sheet(request, "orders/positions/_close_all.html", "Close positions", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """A report for each position."""
        scope = _scope(request.POST)
        reports = positions_close_all(
            actor=self.actor,
            account_id=scope.get("account"),
            strategy=scope.get("strategy"),
            product=scope.get("product") or "",
            client_order_id=request.POST.get("client_order_id", "")[:56],
        )
        response = _page_or_sheet(request, "orders/positions/_closed.html", "Closed", {"reports": reports})
        return trigger_client_event(response, "desk:changed", {"value": "orders positions"})


class OrdersCancelAllView(TenantPageMixin, View):
    """Cancel all live orders of an account, a strategy, an instrument: named first, cancelled when confirmed."""

    permission_required: ClassVar[Permission] = Permission.CANCEL_ORDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What would be cancelled, order by order."""
        scope = _scope(request.GET)
        live = orders_live(
            self.actor,
            account_id=scope.get("account"),
            strategy=scope.get("strategy"),
            key=scope.get("symbol") or "",
        ).select_related("account")
        everything = orders_live(self.actor).select_related("account")
        context = {"orders": list(live), "scope": scope, "everything": list(everything)}
        return _page_or_sheet(request, "orders/positions/_cancel_all.html", "Cancel open orders", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Tell how many were cancelled, and how many could not be."""
        scope = _scope(request.POST)
        reports = orders_cancel_each(
            actor=self.actor,
            account_id=scope.get("account"),
            strategy=scope.get("strategy"),
            key=scope.get("symbol") or "",
        )
        done = sum(report.is_cancelled for report in reports)
        text = f"Cancelled {done} order{'' if done == 1 else 's'}."
        refused = len(reports) - done
        if refused:
            text += f" {refused} could not be cancelled."
        answer = acted(request, text, to=reverse("orders:list"), tone="warn" if refused else "ok")
        return trigger_client_event(answer, "sheet:close", {}) if request.headers.get("HX-Request") else answer


def _scope(data: Any) -> dict[str, Any]:
    """What a form or query names; an empty strategy means orders without one only where it is chosen as "-"."""
    form = ScopeForm(data)
    if not form.is_valid():
        raise InvalidInput(
            "That is nothing to choose by.",
            errors={str(name): [str(text) for text in texts] for name, texts in form.errors.items()},
        )
    scope = {name: value for name, value in form.cleaned_data.items() if value}
    if scope.get("strategy") == "-":
        scope["strategy"] = ""
    return scope


def _told(order: Order) -> tuple[str, str]:
    if order.status == OrderStatus.REJECTED:
        return order.status_message, "bad"
    quantity = order.quantity
    if order.group is not None:
        quantity = sum(order.group.orders.values_list("quantity", flat=True))
    state = order.status.replace("_", " ").capitalize()
    return f"{state}: {order.side.lower()} {quantity} {order.instrument.symbol}.", "ok"


def _page_or_sheet(request: HttpRequest, partial: str, title: str, context: dict[str, Any]) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, partial, context)
    return render(request, "orders/positions/page.html", context | {"partial": partial, "title": title})
