"""The shape of what a page sends about orders. Whether an order may stand is the services' business."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any
from uuid import UUID

from django import forms

from core.errors import NotFound
from core.ids import new_id
from core.money import round_to_tick
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.intent import MAX_PRICE, MAX_QUANTITY, OrderIntent, Origin
from trading.orders.domain.modification import OrderModification
from trading.orders.domain.states import FINAL, LIVE, OrderStatus
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.states import LegRole, TriggerKind
from trading.portfolio.domain.trade import product_allowed
from trading.portfolio.models import TradingAccount

LOTS, UNITS = "LOTS", "UNITS"
# What the number in a ticket's stop field is: a price, or the gap of a trailing stop.
AT_PRICE, BY_POINTS, BY_PERCENT = "PRICE", "POINTS", "PERCENT"


def products_for(instrument: Instrument) -> list[Product]:
    """Products that an order in the instrument can be for, the usual one first."""
    return [product for product in Product if product_allowed(instrument.instrument_type, product)]


def price_field() -> forms.DecimalField:
    """A price or trigger price in rupees, which not every order type has."""
    return forms.DecimalField(min_value=Decimal("0.0001"), max_value=MAX_PRICE, required=False)


TYPE_LABELS = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.SL: "SL",
    OrderType.SL_M: "SL-M",
}
TYPES = [(kind.value, label) for kind, label in TYPE_LABELS.items()]


class OrderTermsForm(forms.Form):
    """Price, trigger and disclosed quantity, as far as the order type has them: hidden fields are ignored."""

    order_type = forms.ChoiceField(choices=TYPES)
    price = price_field()
    trigger_price = price_field()
    disclosed_quantity = forms.IntegerField(min_value=0, max_value=MAX_QUANTITY, required=False)

    def clean(self) -> dict[str, Any]:
        """What the type needs is there; what it has no use for is not."""
        cleaned = super().clean() or {}
        if "order_type" not in cleaned:
            return cleaned
        kind = OrderType(cleaned["order_type"])
        for name, needed, label in (
            ("price", kind.has_limit, "a price"),
            ("trigger_price", kind.is_stop, "a trigger price"),
        ):
            if not needed:
                cleaned[name] = None
                self.errors.pop(name, None)
            elif cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, f"{TYPE_LABELS[kind]} orders need {label}.")
        return cleaned


class TicketForm(OrderTermsForm):
    """The order ticket. Quantities arrive in units or in lots; `intent()` is always in units."""

    account = forms.UUIDField()
    symbol = forms.CharField(max_length=64)
    side = forms.ChoiceField(choices=[(side.value, side.value.capitalize()) for side in Side])
    quantity = forms.IntegerField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages={"required": "how many?", "min_value": "at least 1."},
    )
    quantity_unit = forms.ChoiceField(choices=[(UNITS, "Units"), (LOTS, "Lots")], required=False)
    product = forms.ChoiceField(choices=[(product.value, product.value.capitalize()) for product in Product])
    validity = forms.ChoiceField(choices=[(Validity.DAY, "Day"), (Validity.IOC, "IOC")], required=False)
    after_market = forms.BooleanField(required=False)
    autoslice = forms.BooleanField(required=False)
    client_order_id = forms.CharField(max_length=64)
    target = price_field()
    stop = forms.DecimalField(max_value=MAX_PRICE, required=False)
    stop_as = forms.ChoiceField(
        choices=[(AT_PRICE, "Price"), (BY_POINTS, "Trails ₹"), (BY_PERCENT, "Trails %")], required=False
    )

    def clean_symbol(self) -> str:
        """The canonical key, with the instrument kept for the quantity."""
        try:
            self.instrument = instrument_get(self.cleaned_data["symbol"])
        except NotFound as error:
            raise forms.ValidationError(error.detail) from error
        return self.instrument.key

    def clean(self) -> dict[str, Any]:
        """An IOC order shows itself whole and waits for no session; the fields for that are ignored."""
        cleaned = super().clean()
        if cleaned.get("after_market"):
            cleaned["validity"] = Validity.DAY
        if cleaned.get("validity") == Validity.IOC:
            cleaned["disclosed_quantity"] = 0
        if self._asks_exits():
            self._exits_fit(cleaned)
        return cleaned

    @property
    def has_exits(self) -> bool:
        """Whether the order enters with a stop, and perhaps a target; call after `is_valid()`."""
        return self._asks_exits()

    def _asks_exits(self) -> bool:
        return any(self.cleaned_data.get(name) is not None or name in self.errors for name in ("target", "stop"))

    def _exits_fit(self, cleaned: dict[str, Any]) -> None:
        """A stop that somebody typed is never dropped in silence: what cannot carry it is refused."""
        name = "stop" if cleaned.get("stop") is not None or "stop" in self.errors else "target"
        if name == "target":
            message = "a target needs a stop beside it; a limit order alone does without."
            self.add_error("stop", forms.ValidationError(message, code="trigger_price_required"))
        for asked, what in (
            (cleaned.get("validity") == Validity.IOC, "an IOC order"),
            (cleaned.get("after_market"), "an after-market order"),
            (
                cleaned.get("order_type") in (OrderType.SL, OrderType.SL_M),
                "an entry that waits for its own trigger",
            ),
            (cleaned.get("disclosed_quantity"), "an order with a disclosed quantity"),
        ):
            if asked:
                message = f"{what} cannot carry exits; empty the target and the stop, or change it."
                self.add_error(name, forms.ValidationError(message, code="exits_not_allowed"))

    def entry(self) -> TriggerIntent:
        """The order as the entry of a COVER, or with a target of a BRACKET; call where it `has_exits`."""
        order, asked = self.intent(), self.cleaned_data
        gap, target = asked["stop"], asked["target"]
        by = asked["stop_as"] or AT_PRICE
        stop = LegIntent(
            LegRole.STOP,
            OrderType.MARKET,
            trigger_price=gap if by == AT_PRICE else None,
            trail_points=gap if by == BY_POINTS else None,
            trail_percent=gap if by == BY_PERCENT else None,
        )
        legs = [LegIntent(LegRole.ENTRY, order.order_type, price=order.price), stop]
        if target is not None:
            legs.append(LegIntent(LegRole.TARGET, OrderType.LIMIT, target))
        return TriggerIntent(
            account_id=order.account_id,
            key=order.key,
            kind=TriggerKind.COVER if target is None else TriggerKind.BRACKET,
            side=order.side,
            quantity=order.quantity,
            product=order.product,
            legs=tuple(legs),
            client_order_id=order.client_order_id,
            origin=order.origin,
        )

    def intent(self) -> OrderIntent:
        """What the trader asks for; call after `is_valid()`."""
        asked = self.cleaned_data
        lots = asked["quantity_unit"] == LOTS
        return OrderIntent(
            account_id=asked["account"],
            key=asked["symbol"],
            side=Side(asked["side"]),
            quantity=asked["quantity"] * (self.instrument.lot_size if lots else 1),
            order_type=OrderType(asked["order_type"]),
            product=Product(asked["product"]),
            validity=Validity(asked["validity"] or Validity.DAY),
            price=asked["price"],
            trigger_price=asked["trigger_price"],
            disclosed_quantity=(asked["disclosed_quantity"] or 0) * (self.instrument.lot_size if lots else 1),
            after_market=asked["after_market"],
            client_order_id=asked["client_order_id"],
            origin=Origin.MANUAL,
        )


# How far from the last price a fresh ticket puts a stop's trigger, in per cent.
TRIGGER_AWAY = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class SuggestedPrices:
    """What a fresh ticket shows, in rupees; None without a quote."""

    price: Decimal | None = None
    trigger_price: Decimal | None = None


def suggested_prices(instrument: Instrument, side: Side, quote: Quote | None) -> SuggestedPrices:
    """The best opposite price for a limit, and a trigger that the market has yet to reach."""
    if quote is None or quote.ltp <= 0:
        return SuggestedPrices()
    best = (quote.ask if side is Side.BUY else quote.bid) or quote.ltp
    away = max(quote.ltp * TRIGGER_AWAY / 100, instrument.tick_size * 2) * side.sign
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    trigger = max(round_to_tick(quote.ltp + away, instrument.tick_size, rounding), instrument.tick_size)
    return SuggestedPrices(best, trigger)


def ticket_initial(
    *,
    instrument: Instrument,
    account: TradingAccount,
    side: str,
    suggested: SuggestedPrices,
    after_market: bool,
    asked: dict[str, str],
) -> dict[str, Any]:
    """A fresh ticket: one lot at the market's price, or what the query string `asked` for."""
    products = products_for(instrument)
    in_lots = instrument.lot_size > 1
    return {
        "account": account.id,
        "symbol": instrument.key,
        "side": side,
        "quantity": asked.get("quantity") or 1,
        "quantity_unit": UNITS if asked.get("quantity") or not in_lots else LOTS,
        "order_type": asked.get("order_type") or OrderType.MARKET,
        "product": asked.get("product") or products[0],
        "validity": Validity.DAY,
        "price": asked.get("price") or suggested.price,
        "trigger_price": asked.get("trigger_price") or suggested.trigger_price,
        "disclosed_quantity": asked.get("disclosed_quantity") or "",
        "after_market": after_market,
        "target": asked.get("target") or "",
        "stop": asked.get("stop") or "",
        "stop_as": asked.get("stop_as") or AT_PRICE,
        "client_order_id": str(new_id()),
    }


class ModifyForm(OrderTermsForm):
    """What may change of a live order."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY)

    def modification(self, order: OrderIntent) -> OrderModification:
        """What differs from the order as it is; call after `is_valid()`."""
        asked = self.cleaned_data
        kind = OrderType(asked["order_type"])
        price, trigger, shown = asked["price"], asked["trigger_price"], asked["disclosed_quantity"]
        return OrderModification(
            quantity=None if asked["quantity"] == order.quantity else asked["quantity"],
            price=None if price == order.price else price,
            trigger_price=None if trigger == order.trigger_price else trigger,
            disclosed_quantity=None if shown in (None, order.disclosed_quantity) else shown,
            order_type=None if kind is order.order_type else kind,
        )


class BookFilter(forms.Form):
    """The orders page's filters, all optional; nonsense is ignored rather than refused."""

    VIEWS = {
        "open": ("Open", LIVE),
        "executed": ("Executed", frozenset({OrderStatus.FILLED})),
        "refused": ("Refused or ended", FINAL - {OrderStatus.FILLED}),
        "all": ("All", frozenset[OrderStatus]()),
    }

    view = forms.ChoiceField(choices=[(name, label) for name, (label, _) in VIEWS.items()], required=False)
    symbol = forms.CharField(max_length=64, required=False)
    account = forms.UUIDField(required=False)

    def criteria(self) -> tuple[str, dict[str, Any]]:
        """The chosen view's name, and the selector's arguments."""
        self.is_valid()
        asked = self.cleaned_data
        view = asked.get("view") or "open"
        account_id: UUID | None = asked.get("account")
        key = full_key(str(asked.get("symbol") or ""))
        return view, {"statuses": self.VIEWS[view][1], "key": key, "account_id": account_id}


def full_key(symbol: str) -> str:
    """The canonical key of what somebody typed; a bare symbol is meant on NSE."""
    typed = symbol.strip().upper()
    return typed if not typed or ":" in typed else f"NSE:{typed}"
