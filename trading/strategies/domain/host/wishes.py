"""A strategy's words for an order, made into one that an exchange could take: the type that follows from what is
given, whole units, prices on the tick."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from operator import index
from typing import Any, Unpack

from core.errors import InvalidInput
from core.money import round_to_tick
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.group import slice_quantities

from ..context import OrderTerms, Price
from ..desk import Desk
from ..market import Contract
from ..wish import OrderWish

MOST_SLICES = 100
"""Orders that one wish may become; beyond that it goes as a whole, and the exchange's refusal is the answer."""
_MOST_UNITS = 2_000_000_000


class WishMaker:
    """For one strategy; `product` is what its orders are carried as where they name nothing else."""

    def __init__(self, desk: Desk, product: Product) -> None:
        self._desk, self._product = desk, product

    def order(self, side: Side, units: int, symbol: str, **terms: Unpack[OrderTerms]) -> OrderWish:
        """Raises InvalidInput: `invalid_quantity`, `price_invalid`."""
        price, trigger_price = terms.get("price"), terms.get("trigger_price")
        return OrderWish(
            symbol=symbol,
            side=side,
            quantity=whole_units(units),
            order_type=terms.get("order_type") or _type_of(price, trigger_price),
            product=terms.get("product") or self._product,
            validity=terms.get("validity", Validity.DAY),
            price=self.limit(side, symbol, price),
            trigger_price=self.trigger(side, symbol, trigger_price),
            tag=terms.get("tag", ""),
        )

    def limit(self, side: Side, symbol: str, price: Price | None) -> Decimal | None:
        """On the tick, away from the market."""
        return self.on_tick(symbol, price, ROUND_FLOOR if side is Side.BUY else ROUND_CEILING)

    def trigger(self, side: Side, symbol: str, price: Price | None) -> Decimal | None:
        """On the tick, away from the market: a BUY stop above it, a SELL stop below."""
        return self.on_tick(symbol, price, ROUND_CEILING if side is Side.BUY else ROUND_FLOOR)

    def on_tick(self, symbol: str, price: Price | None, rounding: str) -> Decimal | None:
        """The multiple of the instrument's tick."""
        if price is None:
            return None
        return round_to_tick(rupees(price), self._desk.contract(symbol).tick_size, rounding)


def slices(units: int, contract: Contract) -> tuple[int, ...]:
    """The units in orders below the freeze quantity; whole where they cannot be cut, which is then refused."""
    freeze, lot = contract.freeze_quantity, contract.lot_size
    if freeze is None or units <= freeze:
        return (units,)
    if units % lot or freeze < lot or units > freeze // lot * lot * MOST_SLICES:
        return (units,)
    return slice_quantities(units, lot_size=lot, freeze_quantity=freeze)


def whole_units(quantity: Any) -> int:
    """A whole number; what is none, or more than any order is for, raises InvalidInput, `invalid_quantity`.
    What is not above zero is the desk's to refuse."""
    if isinstance(quantity, bool) or not hasattr(quantity, "__index__") or abs(quantity) > _MOST_UNITS:
        raise InvalidInput("A quantity is a whole number of units.", code="invalid_quantity")
    return index(quantity)


def rupees(price: Price) -> Decimal:
    """A float as people write it: 0.1 is a tenth. One that is no number raises InvalidInput, `price_invalid`."""
    found = price if isinstance(price, Decimal) else Decimal(repr(price) if isinstance(price, float) else price)
    if not found.is_finite():
        raise InvalidInput("A price must be a number.", code="price_invalid")
    # What arithmetic in floats leaves behind is no reason to round to the next tick.
    return round(found, 6)


def _type_of(price: Price | None, trigger_price: Price | None) -> OrderType:
    if trigger_price is None:
        return OrderType.MARKET if price is None else OrderType.LIMIT
    return OrderType.SL_M if price is None else OrderType.SL
