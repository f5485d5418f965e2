"""The terms of a modification on their way to a live broker, as a JSON value of its route."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from msgspec.structs import replace

from trading.brokers.domain.messages import BrokerOrder
from trading.brokers.domain.terms import OrderType
from trading.orders.domain.book_reports import Terms
from trading.orders.models import Order
from trading.portfolio.domain.position import share

_PRICES = ("price", "trigger_price", "worst_price")


@dataclass(frozen=True, slots=True)
class WantedTerms:
    """Prices in rupees. `hold_paise` is what the rest of the order has to hold under the new terms,
    `hold_before_paise` what it held under the old, both with `filled_quantity` traded."""

    quantity: int
    order_type: OrderType
    price: Decimal | None
    trigger_price: Decimal | None
    worst_price: Decimal | None
    disclosed_quantity: int
    hold_paise: int
    hold_before_paise: int
    filled_quantity: int

    @property
    def terms(self) -> Terms:
        """As the broker's book would show them."""
        return Terms.of(self.quantity, self.order_type, self.price, self.trigger_price)

    def on(self, order: BrokerOrder) -> BrokerOrder:
        """The order with these terms, as the broker needs it."""
        return replace(
            order,
            quantity=self.quantity,
            order_type=self.order_type,
            price=self.worst_price,
            trigger_price=self.trigger_price,
        )

    def shown(self) -> dict[str, Any]:
        """For the order's timeline."""
        return {
            "quantity": self.quantity,
            "order_type": self.order_type.value,
            "price": _text(self.price),
            "trigger_price": _text(self.trigger_price),
        }

    def hold_with(self, order: Order) -> int:
        """What the order has to hold once it has these terms, in paise."""
        pending = max(self.quantity - order.filled_quantity, 0)
        return _scaled(self.hold_paise, pending, self.quantity - self.filled_quantity)

    def hold_without(self, order: Order) -> int:
        """What it has to hold without them, in paise."""
        return _scaled(self.hold_before_paise, order.pending_quantity, order.quantity - self.filled_quantity)

    def to_json(self) -> dict[str, Any]:
        """As a JSON value; prices as text."""
        return {
            **self.shown(),
            "worst_price": _text(self.worst_price),
            "disclosed_quantity": self.disclosed_quantity,
            "hold_paise": self.hold_paise,
            "hold_before_paise": self.hold_before_paise,
            "filled_quantity": self.filled_quantity,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """What `to_json` made."""
        prices = {name: None if value[name] is None else Decimal(value[name]) for name in _PRICES}
        return cls(**{**value, **prices, "order_type": OrderType(value["order_type"])})


def _scaled(paise: int, pending: int, pending_then: int) -> int:
    return share(paise, min(pending, pending_then), pending_then) if pending_then > 0 else 0


def _text(price: Decimal | None) -> str | None:
    return None if price is None else format(price, "f")
