"""Building orders that are placed together: baskets of anything, and legs on one underlying."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import NotFound
from core.ids import new_id
from trading.brokers.domain.terms import Product, Validity
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get, instrument_search
from trading.orders.domain.group import GroupKind
from trading.orders.domain.option_choice import ExpiryRule, Right
from trading.orders.domain.shapes import SHAPES
from trading.orders.forms.groups import BuilderForm
from trading.orders.forms.orders import TYPES, products_for
from trading.orders.selectors.groups import basket_get, baskets_for
from trading.orders.selectors.option_listing import option_expiries, option_strikes, option_underlyings
from trading.orders.services import basket_delete, basket_save, group_preview, group_submit
from trading.orders.services.groups.legs import REFUSALS
from trading.orders.views.answers import acted, reasons
from trading.portfolio.active_account import active_account, visible_accounts

SUGGESTIONS = 8
OFFSETS = ["ATM", *(f"OTM{step}" for step in range(1, 11)), *(f"ITM{step}" for step in range(1, 6))]
# Those that can be counted from at the money of one expiry; the strategy builder has them all.
OFFSET_SHAPES = {shape.name: shape for shape in SHAPES.values() if shape.is_of_one_expiry}


class BuilderPage(TenantPageMixin, View):
    """What the two builders share."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def frame(self, request: HttpRequest, kind: GroupKind) -> dict[str, Any]:
        """What every builder shows."""
        return {
            "kind": kind,
            "account": active_account(request, self.actor),
            "accounts": [one for one in visible_accounts(request, self.actor) if one.is_active],
            "client_order_id": str(new_id()),
        }


class BasketBuilderView(BuilderPage):
    """A basket, empty or `?basket=` as it was kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        chosen = request.GET.get("basket", "")
        basket = basket_get(self.actor, _uuid(chosen)) if chosen else None
        rows = [
            leg_context(
                row.instrument,
                side=row.side,
                lots=row.quantity // row.instrument.lot_size or 1,
                order_type=row.order_type,
                product=row.product,
                price=row.price,
                trigger_price=row.trigger_price,
                validity=row.validity,
            )
            for row in (basket.rows.all() if basket else [])
        ]
        context = self.frame(request, GroupKind.BASKET) | {
            "basket": basket,
            "baskets": baskets_for(self.actor),
            "legs": rows,
        }
        return render(request, "orders/groups/basket.html", context)


class MultiLegBuilderView(BuilderPage):
    """Legs on `?underlying=` and `?expiry=`; `?shape=` begins with a known strategy."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        underlyings = option_underlyings()
        underlying = request.GET.get("underlying", "").upper()
        if underlying not in underlyings:
            underlying = "NIFTY" if "NIFTY" in underlyings else next(iter(underlyings), "")
        exchange = underlyings.get(underlying, "NFO")
        expiries = option_expiries(exchange, underlying) if underlying else []
        expiry = request.GET.get("expiry", "")
        shape = OFFSET_SHAPES.get(request.GET.get("shape", ""))
        known = {str(date) for date in expiries} | set(ExpiryRule)
        chosen = expiry if expiry in known else ExpiryRule.CURRENT_MONTH
        context = self.frame(request, GroupKind.MULTI_LEG) | {
            "underlying": underlying,
            "underlyings": list(underlyings),
            "exchange": exchange,
            "expiries": expiries,
            "rules": list(ExpiryRule),
            "expiry": str(chosen),
            "shape": request.GET.get("shape", ""),
            "shapes": list(OFFSET_SHAPES),
            "offsets": OFFSETS,
            "strikes": option_strikes(exchange, underlying, str(chosen), expiries),
            "legs": [
                offset_context(side=leg.side, option_type=str(leg.right), at=str(leg.offset), lots=leg.lots)
                for leg in (shape.legs if shape else ())
            ],
        }
        return render(request, "orders/groups/multi_leg.html", context)


class LegView(TenantPageMixin, View):
    """One more leg: of `?symbol=`, or of an option by `?option_type=` and `?at_chosen=`."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The row to add to the form."""
        side = "SELL" if request.GET.get("side") == "SELL" else "BUY"
        symbol = request.GET.get("symbol", "")
        if symbol:
            leg = leg_context(instrument_get(symbol), side=side)
        else:
            right = Right.PUT if request.GET.get("option_type") == Right.PUT else Right.CALL
            leg = offset_context(side=side, option_type=right, at=request.GET.get("at_chosen", "")[:16] or "ATM")
        return render(request, "orders/groups/_leg.html", {"leg": leg})


class LegSearchView(TenantPageMixin, View):
    """Instruments to add, while somebody types."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The best matches that can be traded, each with a button that adds it."""
        text = request.GET.get("q", "")
        found = [one for one in instrument_search(text, limit=SUGGESTIONS + 4) if one.is_tradable]
        return render(request, "orders/groups/_suggestions.html", {"query": text, "found": found[:SUGGESTIONS]})


class GroupPreviewView(TenantPageMixin, View):
    """What the legs cost together, and what would be said to each. Writes nothing."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The partial beside the legs, with the button that places them."""
        form = BuilderForm(request.POST)
        problems = form.problems()
        context: dict[str, Any] = {"problems": problems, "leg_count": len(form.legs)}
        if not problems:
            try:
                preview = group_preview(actor=self.actor, intent=form.intent(_kind(request)))
            except REFUSALS as error:
                context["problems"] = reasons(error)
            else:
                context |= {"preview": preview, "all_or_nothing": form.cleaned_data["all_or_nothing"]}
                context["passing"] = sum(leg.allowed for leg in preview.legs)
        return render(request, "orders/groups/_preview.html", context)


class GroupSubmitView(TenantPageMixin, View):
    """Place the legs. The same form sent twice is one group: its name is in the form."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The group's page; a form that can be no group stays as it was, with a word on why."""
        form = BuilderForm(request.POST)
        problems = form.problems()
        if problems:
            return _not_done(request, problems)
        try:
            group = group_submit(actor=self.actor, intent=form.intent(_kind(request)))
        except REFUSALS as error:
            return _not_done(request, reasons(error))
        target = reverse("orders:group", args=[group.id])
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(target)
        return redirect(target)


class BasketSaveView(TenantPageMixin, View):
    """Keep the builder's legs under a name; over the basket of `?basket=` where one was opened."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """The builder with the kept basket."""
        form = BuilderForm(request.POST)
        problems = form.problems()
        if not problems and not form.cleaned_data["name"]:
            problems = ["Give the basket a name."]
        if problems:
            return _not_done(request, problems, "Nothing was kept.")
        kept = request.POST.get("basket", "")
        try:
            basket = basket_save(
                actor=self.actor,
                name=form.cleaned_data["name"],
                rows=form.rows(),
                basket_id=_uuid(kept) if kept else None,
            )
        except REFUSALS as error:
            return _not_done(request, reasons(error), "Nothing was kept.")
        target = f"{reverse('orders:basket_builder')}?basket={basket.id}"
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(target)
        return redirect(target)


class BasketDeleteView(TenantPageMixin, View):
    """Forget a kept basket."""

    permission_required: ClassVar[Permission] = Permission.PLACE_ORDERS

    def post(self, request: HttpRequest, basket_id: UUID) -> HttpResponse:
        """Back to an empty builder."""
        name = basket_get(self.actor, basket_id).name
        basket_delete(actor=self.actor, basket_id=basket_id)
        target = reverse("orders:basket_builder")
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(target)
        return acted(request, f"Deleted the basket {name}.", to=target)


def leg_context(
    instrument: Instrument,
    *,
    side: str = "BUY",
    lots: int = 1,
    order_type: str = "MARKET",
    product: str = "",
    price: object = None,
    trigger_price: object = None,
    validity: str = Validity.DAY,
) -> dict[str, Any]:
    """A leg of one instrument, as the form's row shows it."""
    products = products_for(instrument)
    return {
        "instrument": instrument,
        "side": side,
        "lots": lots,
        "order_type": order_type,
        "product": product or (products[0] if products else ""),
        "products": products,
        "price": price,
        "trigger_price": trigger_price,
        "validity": validity,
        "types": TYPES,
    }


def offset_context(*, side: str, option_type: str, at: str, lots: int = 1) -> dict[str, Any]:
    """A leg of an option that is still to be found."""
    return {
        "option_type": option_type,
        "at": at,
        "side": side,
        "lots": lots,
        "order_type": "MARKET",
        "product": Product.NORMAL,
        "products": [Product.NORMAL, Product.INTRADAY],
        "validity": Validity.DAY,
        "types": TYPES,
    }


def _kind(request: HttpRequest) -> GroupKind:
    return GroupKind.MULTI_LEG if request.POST.get("kind") == GroupKind.MULTI_LEG else GroupKind.BASKET


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("There is no such basket.", code="unknown_basket") from error


def _not_done(request: HttpRequest, texts: list[str], what: str = "Nothing was sent.") -> HttpResponse:
    text = " ".join([what, *texts])
    if request.headers.get("HX-Request"):
        return trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": "bad"})
    return acted(request, text, to=reverse("orders:basket_builder"), tone="bad")
