"""What a broker's books say of an account: orders, trades, positions. Prices in rupees, times aware."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .terms import OrderType, Product, Side, Validity


class BookStatus(StrEnum):
    """Where an order stands at the broker. TRANSIT is on its way to the exchange: neither there nor final."""

    TRANSIT = "TRANSIT"
    TRIGGER_PENDING = "TRIGGER_PENDING"
    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class BookEntry:
    """An order in the broker's book. `tag` is empty for an order that was not sent from here."""

    broker_order_id: str
    tag: str
    key: str
    side: Side
    quantity: int
    filled_quantity: int
    order_type: OrderType
    product: Product
    validity: Validity
    price: Decimal | None
    trigger_price: Decimal | None
    status: BookStatus
    message: str
    placed_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BrokerTrade:
    """A trade at the exchange, of one order in the book. `trade_id` is unique at the account."""

    trade_id: str
    broker_order_id: str
    quantity: int
    price: Decimal
    traded_at: datetime


@dataclass(frozen=True, slots=True)
class BrokerPosition:
    """What the account holds; `quantity` is signed."""

    key: str
    product: Product
    quantity: int
