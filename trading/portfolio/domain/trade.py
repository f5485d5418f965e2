"""The terms of a trade that money rules depend on."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from trading.brokers.domain.terms import Product, Side


class Segment(StrEnum):
    """The row of the charge and margin tables that a trade falls under."""

    EQ_DELIVERY = "EQ_DELIVERY"
    EQ_INTRADAY = "EQ_INTRADAY"
    EQ_MTF = "EQ_MTF"
    FUT = "FUT"
    OPT = "OPT"

    @property
    def taxed_as(self) -> "Segment":
        """The segment whose levies a trade pays: shares bought on borrowed money are delivered like others."""
        return Segment.EQ_DELIVERY if self is Segment.EQ_MTF else self


EQUITY_TYPES = frozenset({"EQ", "ETF"})
OPTION_TYPES = frozenset({"CE", "PE"})
CARRIED_AS = {
    "EQ": frozenset({Product.INTRADAY, Product.DELIVERY, Product.MTF}),
    "ETF": frozenset({Product.INTRADAY, Product.DELIVERY}),
    "FUT": frozenset({Product.INTRADAY, Product.NORMAL}),
    "CE": frozenset({Product.INTRADAY, Product.NORMAL}),
    "PE": frozenset({Product.INTRADAY, Product.NORMAL}),
}


_EQUITY = {
    Product.DELIVERY: Segment.EQ_DELIVERY,
    Product.INTRADAY: Segment.EQ_INTRADAY,
    Product.MTF: Segment.EQ_MTF,
}


def product_allowed(instrument_type: str, product: str) -> bool:
    """Whether an instrument of this type can be carried as this product (an index cannot be traded at all)."""
    return product in CARRIED_AS.get(instrument_type, frozenset())


def segment_of(instrument_type: str, product: str) -> Segment:
    """The segment a trade is charged and margined under. Raises ValueError for what cannot be traded so."""
    if not product_allowed(instrument_type, product):
        raise ValueError(f"{instrument_type} cannot be traded as {product}")
    if instrument_type in EQUITY_TYPES:
        return _EQUITY[Product(product)]
    return Segment.OPT if instrument_type in OPTION_TYPES else Segment.FUT


class Trade(Struct, frozen=True):
    """What charges are computed on. `price` is rupees per unit; for options the premium.

    `order_turnover` is the rupee value that earlier fills of the same order had: brokerage is capped per
    executed order, so a part fill pays only what the order's brokerage grows by.
    """

    segment: Segment
    exchange: str
    side: Side
    quantity: int
    price: Decimal
    order_turnover: Decimal = Decimal(0)

    @property
    def turnover(self) -> Decimal:
        return self.price * self.quantity
