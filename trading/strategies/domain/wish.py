"""What a strategy asks its world for, before the world gives it a name."""

from dataclasses import dataclass
from decimal import Decimal

from msgspec import Struct

from trading.brokers.domain.terms import OrderType, Product, Side, Validity


@dataclass(frozen=True, slots=True)
class LegWish:
    """One leg of several: `lots` of a contract (units of a share) at MARKET, at a LIMIT with a price."""

    side: Side
    symbol: str
    lots: int = 1
    price: Decimal | None = None
    product: Product | None = None
    tag: str = ""


class OrderWish(Struct, frozen=True):
    """An order complete but for its name; prices in rupees on the tick."""

    symbol: str
    side: Side
    quantity: int
    order_type: OrderType
    product: Product
    validity: Validity = Validity.DAY
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class BracketWish:
    """An entry and the exits that guard it; `stop`, `target` absolute rupees, `trail` a distance in rupees."""

    entry: OrderWish
    stop: Decimal | None = None
    target: Decimal | None = None
    trail: Decimal | None = None
