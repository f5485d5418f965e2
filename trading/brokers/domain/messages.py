"""What passes between an order and a broker. Messages never change after creation."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from .terms import OrderType, Product, Side, Validity


class BrokerOrder(Struct, frozen=True):
    """An order as a broker needs it.

    `tag` is this house's correlation id: it is stored before anything is sent, travels with the order
    and finds it again in the broker's order book. `quantity` is the whole order, `filled_quantity` what
    has been executed so far. `price` is the worst price allowed (rupees); for a MARKET order it is the
    edge of its protection band, or None where the broker applies its own. A stop order waits for
    `trigger_price` until `is_triggered`; the band of an SL_M is measured from the price at its triggering, so
    its `price` is None before. `disclosed_quantity` is what the book shows of it, 0 for all.
    """

    tag: str
    key: str
    side: Side
    quantity: int
    filled_quantity: int
    order_type: OrderType
    product: Product
    validity: Validity
    price: Decimal | None
    trigger_price: Decimal | None = None
    is_triggered: bool = False
    disclosed_quantity: int = 0

    @property
    def waits_for_trigger(self) -> bool:
        """Whether the order is a stop that the market has not reached."""
        return self.order_type.is_stop and not self.is_triggered

    @property
    def pending_quantity(self) -> int:
        return self.quantity - self.filled_quantity


class Acknowledged(Struct, frozen=True):
    """The broker took the order into its book."""

    broker_order_id: str
    at: datetime


class Triggered(Struct, frozen=True):
    """The market reached the trigger price of a stop order; `price` (rupees) is the trade that did it.

    From now on it is in the book, an SL with its limit, an SL_M within a protection band around `price`.
    """

    at: datetime
    price: Decimal


class Execution(Struct, frozen=True):
    """A trade at the exchange. `trade_id` is unique at the broker account; `price` in rupees."""

    trade_id: str
    quantity: int
    price: Decimal
    traded_at: datetime


class Refused(Struct, frozen=True):
    """A final refusal: the broker says, in an answer known to be final, that there is no such order."""

    code: str
    message: str
    at: datetime


class Cancelled(Struct, frozen=True):
    """The remainder is out of the book."""

    reason: str
    at: datetime


BrokerReport = Acknowledged | Triggered | Execution | Refused | Cancelled
