"""Exits that guard what an entry has filled: a stop, which may trail, and a target, of which one ends the other.

When a leg fires is the rule of the house's triggers (`orders.domain.triggers.crossing`). A stop fires a MARKET
order; a target fires a LIMIT order at its price, and the stop goes on guarding what that leaves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from trading.brokers.domain.terms import OrderType, Side
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.states import FINAL
from trading.orders.domain.triggers.crossing import Trail, crossed, direction_of, peak_after, trailed_price
from trading.orders.domain.triggers.states import LegRole
from trading.strategies.domain.wish import BracketWish, OrderWish

from .orders import SimOrder

Submit = Callable[[str, OrderWish], SimOrder]
Withdraw = Callable[[SimOrder, str], None]


@dataclass(slots=True)
class Guard:
    """The exits of one entry. `peak` is the best price since it filled, for a stop that trails."""

    entry: SimOrder
    wish: BracketWish
    tick: Decimal
    stop: Decimal | None
    exits: list[SimOrder]
    peak: Decimal | None = None
    target_order: SimOrder | None = None

    @classmethod
    def of(cls, entry: SimOrder, wish: BracketWish, tick: Decimal) -> "Guard":
        """For an entry that was just sent."""
        return cls(entry, wish, tick, wish.stop, [])

    @property
    def exit_side(self) -> Side:
        """The side of the orders that fire."""
        return Side.SELL if self.entry.side is Side.BUY else Side.BUY

    def units(self, held: int) -> int:
        """What is still to be guarded of a signed position."""
        open_units = held * self.entry.side.sign
        left = self.entry.filled_quantity - sum(order.filled_quantity for order in self.exits)
        return max(min(left, open_units), 0)

    def is_over(self, held: int) -> bool:
        """Whether nothing is left to guard, and nothing can come."""
        return self.entry.status in FINAL and not self.units(held)

    def look(self, quote: Quote, held: int, submit: Submit, withdraw: Withdraw) -> None:
        """Let a snapshot move the stop, and fire what it has reached."""
        units = self.units(held)
        if not units:
            return
        self._trail(quote.ltp)
        side = self.exit_side
        if self.stop is not None and crossed(direction_of(LegRole.STOP, side), self.stop, quote.ltp):
            if self.target_order is not None and self.target_order.status not in FINAL:
                withdraw(self.target_order, "trigger_sibling")
                units = self.units(held)
            self._fire(units, OrderType.MARKET, None, submit)
            return
        target = self.wish.target
        if target is None or self.target_order is not None:
            return
        if crossed(direction_of(LegRole.TARGET, side), target, quote.ltp):
            self.target_order = self._fire(units, OrderType.LIMIT, target, submit)

    def _trail(self, ltp: Decimal) -> None:
        gap = self.wish.trail
        if gap is None:
            return
        direction = direction_of(LegRole.STOP, self.exit_side)
        if self.peak is None:
            self.peak = self.entry.average_price or ltp
        self.peak = peak_after(direction, self.peak, ltp)
        moved = trailed_price(direction, self.peak, Trail(points=gap), self.tick)
        if self.stop is None:
            self.stop = moved
        else:
            self.stop = max(self.stop, moved) if self.exit_side is Side.SELL else min(self.stop, moved)

    def _fire(self, units: int, kind: OrderType, price: Decimal | None, submit: Submit) -> SimOrder:
        entry = self.entry
        order = submit(
            entry.strategy,
            OrderWish(
                symbol=entry.symbol,
                side=self.exit_side,
                quantity=units,
                order_type=kind,
                product=entry.product,
                price=price,
                tag=entry.tag,
            ),
        )
        self.exits.append(order)
        return order
