"""What a strategy is told of the market and of its own orders. Prices of bars and ticks are rupees in float64, for
signals; money and order prices are Decimal rupees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from core.money import from_paise
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.option_choice import Right
from trading.orders.domain.states import OrderStatus
from trading.portfolio.domain.position import average_price


class Bar(NamedTuple):
    """A closed bar. `start` and `end` are Unix seconds; what it tells was known at `end`, not before."""

    symbol: str
    interval: Interval
    start: int
    end: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    oi: int = 0


@dataclass(frozen=True, slots=True)
class Contract:
    """What a strategy may know of an instrument; strike and tick in rupees."""

    symbol: str
    tick_size: Decimal
    lot_size: int
    freeze_quantity: int | None = None
    underlying: str = ""
    expiry: date | None = None
    right: Right | None = None
    strike: Decimal | None = None
    is_tradable: bool = True


class Holding(NamedTuple):
    """What this strategy holds of one instrument, and what it has earned by it, as of when it was asked for. Most
    ask for the quantity (signed units) alone, so rupees are worked out of whole paise when they are read."""

    symbol: str
    quantity: int = 0
    cost_paise: int = 0
    realised_paise: int = 0
    charges_paise: int = 0
    last_price: Decimal = Decimal(0)

    @property
    def average_price(self) -> Decimal:
        """Rupees a unit of what is open."""
        return average_price(self.cost_paise, self.quantity)

    @property
    def realised(self) -> Decimal:
        """Rupees that closing has earned, before charges."""
        return from_paise(self.realised_paise)

    @property
    def charges(self) -> Decimal:
        """Rupees, of all trades so far."""
        return from_paise(self.charges_paise)

    @property
    def unrealised(self) -> Decimal:
        return (self.last_price - self.average_price) * self.quantity

    @property
    def net(self) -> Decimal:
        """Profit so far after charges, with what is open at the last price."""
        return self.realised + self.unrealised - self.charges


@dataclass(frozen=True, slots=True)
class OrderView:
    """One of the strategy's own orders as it stands now; a refusal is a REJECTED order with its reason."""

    id: str
    symbol: str
    side: Side
    quantity: int
    order_type: OrderType
    product: Product
    status: OrderStatus
    filled_quantity: int = 0
    average_price: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    reason_code: str = ""
    reason: str = ""
    tag: str = ""

    @property
    def pending_quantity(self) -> int:
        return self.quantity - self.filled_quantity


class Fill(Struct, frozen=True):
    """A trade of one of the strategy's orders; `charges` is the total in rupees."""

    order_id: str
    symbol: str
    side: Side
    quantity: int
    price: Decimal
    charges: Decimal
    at: datetime
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Expiry:
    """The listed options of one underlying and one expiry: strikes ascending, rupees."""

    underlying: str
    on: date
    strikes: Sequence[Decimal]
