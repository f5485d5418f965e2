"""The shape of what a page sends about orders. Whether an order may stand is the services' business."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from core.errors import NotFound
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.intent import MAX_PRICE, MAX_QUANTITY, OrderIntent, Origin
from trading.orders.domain.states import FINAL, LIVE, OrderStatus
from trading.portfolio.domain.trade import product_allowed
from trading.portfolio.models import TradingAccount

LOTS, UNITS = "LOTS", "UNITS"


def products_for(instrument: Instrument) -> list[Product]:
    """Products that an order in the instrument can be for, the usual one first."""
    return [product for product in Product if product_allowed(instrument.instrument_type, product)]


class TicketForm(forms.Form):
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
    order_type = forms.ChoiceField(choices=[(OrderType.MARKET, "Market"), (OrderType.LIMIT, "Limit")])
    product = forms.ChoiceField(choices=[(product.value, product.value.capitalize()) for product in Product])
    validity = forms.ChoiceField(choices=[(Validity.DAY, "Day"), (Validity.IOC, "IOC")], required=False)
    price = forms.DecimalField(min_value=Decimal("0.0001"), max_value=MAX_PRICE, required=False)
    client_order_id = forms.CharField(max_length=64)

    def clean_symbol(self) -> str:
        """The canonical key, with the instrument kept for the quantity."""
        try:
            self.instrument = instrument_get(self.cleaned_data["symbol"])
        except NotFound as error:
            raise forms.ValidationError(error.detail) from error
        return self.instrument.key

    def clean(self) -> dict[str, Any]:
        """A limit order needs its price; a market order's price field is ignored."""
        cleaned = super().clean() or {}
        if cleaned.get("order_type") == OrderType.MARKET:
            cleaned["price"] = None
        elif cleaned.get("price") is None and "price" not in self.errors:
            self.add_error("price", "A limit order needs a price.")
        return cleaned

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
            client_order_id=asked["client_order_id"],
            origin=Origin.MANUAL,
        )


def ticket_initial(
    *, instrument: Instrument, account: TradingAccount, side: str, price: Decimal | None, asked: dict[str, str]
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
        "price": asked.get("price") or price,
        "client_order_id": str(new_id()),
    }


class ModifyForm(forms.Form):
    """What may change on a working order."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    price = forms.DecimalField(min_value=Decimal("0.0001"), max_value=MAX_PRICE, required=False)


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
        symbol = str(asked.get("symbol") or "").strip().upper()
        key = symbol if not symbol or ":" in symbol else f"NSE:{symbol}"
        return view, {"statuses": self.VIEWS[view][1], "key": key, "account_id": account_id}
