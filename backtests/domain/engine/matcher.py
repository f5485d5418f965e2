"""What snapshots do to the orders that rest, and to the exits that guard: the exchange as time goes by."""

from trading.marketdata.domain.quote import Quote
from trading.orders.domain.intent import Origin
from trading.orders.domain.reasons import CANCEL_PENDING
from trading.orders.domain.states import FINAL
from trading.orders.paper import standing
from trading.orders.paper.exchange import PaperExchange
from trading.strategies.domain.wish import OrderWish

from .account import Account
from .book import OrderBook
from .clock import Clock
from .exchange import Exchange
from .floor import Floor
from .market import SymbolMarket
from .orders import SimChange, SimOrder


class Matcher:
    """Goes from snapshot to snapshot of the instruments that are watched."""

    def __init__(self, clock: Clock, floor: Floor, account: Account, exchange: Exchange) -> None:
        self._clock, self._floor, self._account, self._exchange = clock, floor, account, exchange
        self._book: OrderBook = exchange.book

    def trade(self) -> None:
        """Let every snapshot that has come act on what rests."""
        book = self._book
        if book.is_idle:
            return
        for symbol in sorted(book.watched()):
            market = self._floor.markets[symbol]
            sequence = market.sequence()
            if sequence == book.seen.get(symbol):
                continue
            book.seen[symbol] = sequence
            quote = market.latest()
            if quote is not None and market.is_fresh(quote):
                if symbol in book.resting:
                    self._act(symbol, market, quote)
                if book.guards:
                    self._guard(symbol, quote)
        self._cancellations_due()

    def next_event(self) -> float:
        """When the next snapshot of a watched instrument comes, or a cancellation arrives."""
        watched = self._book.watched()
        found = min((self._floor.markets[symbol].next_snapshot() for symbol in watched), default=float("inf"))
        for orders in self._book.resting.values():
            for order in orders:
                if order.cancel_at is not None:
                    found = min(found, order.cancel_at.timestamp())
        return found

    def _act(self, symbol: str, market: SymbolMarket, quote: Quote) -> None:
        """Let a snapshot act on the orders that rest on an instrument, in price-time priority."""
        rows = sorted((order.resting() for order in self._book.resting.get(symbol, ())), key=lambda row: row.turn)
        waiting = [row.waiting for row in rows if row.waiting is not None and not row.crosses(quote)]
        tape = market.look(quote, [each for each in waiting if each is not None])
        now = self._clock.at
        for row in rows:
            if row.is_concerned(quote, tape, now=now):
                self._match(self._book.orders[row.order_id], market, quote)

    def _match(self, order: SimOrder, market: SymbolMarket, quote: Quote) -> None:
        if order.status in FINAL:
            return
        change = self._exchange.change(order, market)
        if order.cancel_at is not None and change.at >= order.cancel_at:
            self._exchange.withdraw(order, "cancelled")
            return
        is_open = self._floor.session(order.symbol).is_open
        if order.waits_for_trigger and not self._trigger(change, market, quote, is_open=is_open):
            return
        standing.match(change, market, quote, is_open=is_open)
        if change.has_events:
            if change.is_final and order.status_code == CANCEL_PENDING:
                change.explain("", "")
            self._exchange.save(change, market)

    def _trigger(self, change: SimChange, market: SymbolMarket, quote: Quote, *, is_open: bool) -> bool:
        """Whether the snapshot triggers the stop and the account can pay for what follows."""
        order = change.order
        if quote.timestamp < order.created_at.replace(microsecond=0):
            return False
        usable = standing.quote_for(order, market, quote, is_open=is_open)
        triggered = PaperExchange(usable, change.at).trigger(order.to_broker_order(order.symbol))
        if not triggered:
            return False
        change.apply(triggered)
        return self._exchange.fund_triggered(order, market)

    def _guard(self, symbol: str, quote: Quote) -> None:
        """Let a snapshot act on the exits of an instrument, and drop those that have nothing left to guard."""
        for guard in [each for each in self._book.guards if each.entry.symbol == symbol]:
            entry = guard.entry
            key = (entry.symbol, entry.product, entry.strategy)
            if self._floor.session(symbol).is_open:
                guard.look(quote, self._account.state(key).quantity, self._fire, self._exchange.withdraw)
            if guard.is_over(self._account.state(key).quantity):
                self._book.guards.remove(guard)
                for order in guard.exits:
                    self._exchange.withdraw(order, "trigger_over")

    def _fire(self, strategy: str, wish: OrderWish) -> SimOrder:
        return self._exchange.submit(strategy, wish, Origin.TRIGGER)

    def _cancellations_due(self) -> None:
        """Take out what was asked to be cancelled and has been by now, whether or not there is a price."""
        for order in [each for orders in self._book.resting.values() for each in orders]:
            if order.cancel_at is not None and self._clock.at >= order.cancel_at:
                self._exchange.withdraw(order, "cancelled")
