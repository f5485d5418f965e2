"""Closing auctions of the past: begun, uncrossed once at the closing price, as the paper exchange does it."""

from collections.abc import Iterator
from datetime import date

from core.clock import IST
from trading.brokers.domain.messages import Execution
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.auction import AuctionOrder, shared_volume, uncross
from trading.orders.domain.states import OrderStatus

from .clock import Clock
from .exchange import Exchange
from .floor import Floor
from .market import SymbolMarket
from .orders import SimOrder

_STANDING = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)


class ClosingAuctions:
    """Watches the instruments in whose auction an order stands."""

    def __init__(self, clock: Clock, floor: Floor, exchange: Exchange) -> None:
        self._clock, self._floor, self._exchange = clock, floor, exchange
        self._on = date.min
        self._opening: dict[str, int] = {}
        self._over: set[str] = set()
        self._unpriced: dict[str, int] = {}

    def look(self) -> None:
        """Note what had traded when an order was first seen in an auction; uncross those that are over."""
        now = self._clock.now
        if self._on != self._clock.day:
            self._on = self._clock.day
            self._opening.clear()
            self._over.clear()
        for symbol in list(self._exchange.book.resting):
            auction = self._floor.auction(symbol)
            if auction is None or now < auction[0] or symbol in self._over:
                continue
            market = self._floor.markets[symbol]
            quote = market.latest()
            if quote is not None and quote.timestamp.astimezone(IST).date() == self._clock.day:
                self._opening.setdefault(symbol, quote.volume)
            if now < auction[1]:
                continue
            self._over.add(symbol)
            if quote is None or quote.timestamp.timestamp() < auction[0]:
                self._unpriced[symbol] = self._unpriced.get(symbol, 0) + len(list(self._standing(symbol)))
            else:
                self._uncross(market, quote)

    def notes(self) -> Iterator[str]:
        """Auctions of which the data have no price."""
        for symbol, orders in self._unpriced.items():
            yield f"{symbol}: {orders} orders stood in closing auctions of which there are no prices, and expired."

    def _uncross(self, market: SymbolMarket, quote: Quote) -> None:
        venue = market.venue(quote)
        volume = shared_volume(
            opening=self._opening[market.key],
            closing=quote.volume,
            participation=venue.terms.participation,
            lot_size=venue.lot_size,
        )
        standing = {order.id: order for order in self._standing(market.key)}
        entered = [entry for order in standing.values() if (entry := _entry(order)) is not None]
        for order_id, units in uncross(entered, price=quote.ltp, volume=volume).items():
            order = standing[order_id]
            trade = Execution(f"{order_id.hex}-auction", units, quote.ltp, quote.timestamp)
            self._exchange.execute(order, trade)

    def _standing(self, symbol: str) -> Iterator[SimOrder]:
        return (order for order in self._exchange.book.resting.get(symbol, ()) if order.status in _STANDING)


def _entry(order: SimOrder) -> AuctionOrder | None:
    """The order in the auction's book; None for one that nobody can bound."""
    if order.worst_price is None:
        return None
    since = order.priority_at or order.created_at
    is_market = not order.order_type.has_limit
    return AuctionOrder(order.id, order.side, is_market, order.worst_price, order.pending_quantity, since)
