"""The `Context` of all worlds: a strategy's words, translated for its desk."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from random import Random
from typing import TYPE_CHECKING, Unpack

from core.clock import IST
from core.errors import InvalidInput
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.option_choice import ExpiryRule, Right
from trading.orders.domain.states import OrderStatus

from ..context import Greeks, OrderTerms, Price, Remembered
from ..market import Bar, Contract, Holding, OrderView
from ..wish import BracketWish, LegWish
from . import contracts
from .wishes import WishMaker, rupees, slices, whole_units

if TYPE_CHECKING:
    from .host import StrategyHost


class HostContext:
    """See `Context` for what each word means."""

    def __init__(self, host: "StrategyHost", symbol: str, interval: Interval) -> None:
        self._host = host
        self._desk = host.desk
        self._wishes = WishMaker(host.desk, host.product)
        self._symbol, self._interval = symbol, interval

    @property
    def now(self) -> datetime:
        return self._desk.now().astimezone(IST)

    @property
    def capital(self) -> Decimal:
        return self._host.capital

    @property
    def product(self) -> Product:
        """What the run's orders are carried as where they name nothing else."""
        return self._host.product

    @property
    def is_over(self) -> bool:
        """Whether the trading session has ended: an order now waits for the next one, or is refused."""
        closes = self._host.closes
        return closes is not None and self._desk.now() >= closes

    @property
    def equity(self) -> Decimal:
        holdings = self._host.holdings
        return self._host.capital + holdings.earned(
            {each: self.last_price(each) for each in holdings.open_symbols()}
        )

    @property
    def cash(self) -> Decimal:
        return self._desk.available()

    @property
    def random(self) -> Random:
        return self._host.random

    def position(self, symbol: str | None = None) -> Holding:
        return self._host.holding(symbol or self._symbol)

    def positions(self) -> Sequence[Holding]:
        return [self.position(symbol) for symbol in self._host.holdings.open_symbols()]

    def orders(self, symbol: str | None = None) -> Sequence[OrderView]:
        return [each for each in self._host.orders() if symbol is None or each.symbol == symbol]

    def bars(self, count: int, symbol: str | None = None, interval: Interval | None = None) -> Sequence[Bar]:
        chart = self._host.needs.charts.get((symbol or self._symbol, interval or self._interval))
        if chart is None:
            message = f"{symbol or self._symbol} {interval or self._interval} was not declared in setup."
            raise InvalidInput(message, code="chart_undeclared")
        return chart.last(count)

    def last_price(self, symbol: str | None = None) -> Decimal | None:
        price = self._desk.last_price(symbol or self._symbol)
        return None if price is None or price <= 0 else price

    def contract(self, symbol: str | None = None) -> Contract:
        return self._desk.contract(symbol or self._symbol)

    def buy(self, quantity: int, symbol: str | None = None, **terms: Unpack[OrderTerms]) -> OrderView:
        return self._send(Side.BUY, quantity, symbol, **terms)

    def sell(self, quantity: int, symbol: str | None = None, **terms: Unpack[OrderTerms]) -> OrderView:
        return self._send(Side.SELL, quantity, symbol, **terms)

    def target(
        self,
        quantity: int | None = None,
        symbol: str | None = None,
        *,
        share: Price | None = None,
        price: Price | None = None,
        tag: str = "",
    ) -> OrderView | None:
        if (quantity is None) == (share is None):
            raise InvalidInput("A target is a quantity or a share of equity.", code="target_unclear")
        symbol = symbol or self._symbol
        wanted = self._of_equity(symbol, share) if quantity is None else quantity
        if wanted is None:
            return None
        self.cancel_all(symbol)
        missing = wanted - self._host.holdings.quantity(symbol)
        if missing == 0:
            return None
        side = Side.BUY if missing > 0 else Side.SELL
        order = None
        for units in slices(abs(missing), self.contract(symbol)):
            order = self._send(side, units, symbol, price=price, tag=tag)
            if order.status is OrderStatus.REJECTED:
                break
        return order

    def close(self, symbol: str | None = None, *, tag: str = "") -> OrderView | None:
        return self.target(0, symbol, tag=tag)

    def close_all(self, *, tag: str = "") -> Sequence[OrderView]:
        self.cancel_all()
        closed = (self.close(symbol, tag=tag) for symbol in self._host.holdings.open_symbols())
        return [order for order in closed if order is not None]

    def modify(
        self,
        order_id: str,
        *,
        quantity: int | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
    ) -> OrderView:
        order = self._host.working.get(order_id)
        side, symbol = (order.side, order.symbol) if order else (Side.BUY, self._symbol)
        limit, trigger = self._wishes.limit(side, symbol, price), self._wishes.trigger(side, symbol, trigger_price)
        units = None if quantity is None else whole_units(quantity)
        return self._one(lambda: self._desk.modify(order_id, quantity=units, price=limit, trigger_price=trigger))

    def cancel(self, order_id: str) -> None:
        if order_id in self._host.working:
            self._one(lambda: self._desk.cancel(order_id))

    def cancel_all(self, symbol: str | None = None) -> None:
        for order in self.orders(symbol):
            self.cancel(order.id)

    def bracket(
        self,
        side: Side,
        quantity: int,
        symbol: str | None = None,
        *,
        stop: Price | None = None,
        target: Price | None = None,
        trail: Price | None = None,
        price: Price | None = None,
        tag: str = "",
    ) -> OrderView:
        entry = self._wishes.order(side, quantity, symbol or self._symbol, price=price, tag=tag)
        exit_side = Side.SELL if side is Side.BUY else Side.BUY
        wish = BracketWish(
            entry,
            stop=self._wishes.trigger(exit_side, entry.symbol, stop),
            target=self._wishes.limit(exit_side, entry.symbol, target),
            trail=self._wishes.on_tick(entry.symbol, trail, ROUND_CEILING),
        )
        return self._one(lambda: self._desk.submit_bracket(wish))

    def legs(self, legs: Sequence[LegWish], *, tag: str = "") -> Sequence[OrderView]:
        wishes = [
            self._wishes.order(
                leg.side,
                leg.lots * self.contract(leg.symbol).lot_size,
                leg.symbol,
                price=leg.price,
                product=leg.product,
                tag=leg.tag or tag,
            )
            for leg in legs
        ]
        wishes.sort(key=lambda wish: wish.side is Side.SELL)
        return self._host.sent(lambda: self._desk.submit_all(wishes))

    def expiries(self, underlying: str | None = None) -> Sequence[date]:
        return [each.on for each in self._desk.options(self._underlying(underlying), self.now.date())]

    def strikes(self, expiry: date, underlying: str | None = None) -> Sequence[Decimal]:
        listed = self._desk.options(self._underlying(underlying), self.now.date())
        return next((each.strikes for each in listed if each.on == expiry), ())

    def future(
        self, *, underlying: str | None = None, expiry: date | ExpiryRule = ExpiryRule.CURRENT_MONTH
    ) -> Contract | None:
        return contracts.future(self._desk, self._underlying(underlying), expiry, today=self.now.date())

    def option(
        self,
        right: Right,
        *,
        underlying: str | None = None,
        expiry: date | ExpiryRule = ExpiryRule.CURRENT_WEEK,
        offset: int = 0,
        strike: Price | None = None,
        delta: float | None = None,
        premium: Price | None = None,
    ) -> Contract | None:
        chooser = contracts.OptionChooser(self._desk, self._underlying(underlying), right, expiry, now=self.now)
        if strike is not None:
            return chooser.at(rupees(strike))
        if delta is not None:
            return chooser.by_delta(abs(delta))
        if premium is not None:
            return chooser.by_premium(rupees(premium))
        return chooser.by_offset(offset)

    def greeks(self, symbol: str) -> Greeks | None:
        return contracts.greeks_of(self._desk, self.contract(symbol), now=self.now)

    def watch(self, symbol: str) -> None:
        self._desk.follow(symbol)

    def at(self, when: time, name: str) -> None:
        self._host.schedule(datetime.combine(self.now.date(), when, IST), name)

    def remember(self, key: str, value: Remembered) -> None:
        self._host.memory.keep(key, value)

    def recall(self, key: str, default: Remembered = None) -> Remembered:
        return self._host.memory.recall(key, default)

    def log(self, message: str) -> None:
        self._host.log(message)

    def _send(self, side: Side, quantity: int, symbol: str | None, **terms: Unpack[OrderTerms]) -> OrderView:
        wish = self._wishes.order(side, quantity, symbol or self._symbol, **terms)
        return self._one(lambda: self._desk.submit(wish))

    def _one(self, send: Callable[[], OrderView]) -> OrderView:
        return self._host.sent(lambda: [send()])[0]

    def _of_equity(self, symbol: str, share: Price | None) -> int | None:
        """Units, signed, that a share of equity buys in whole lots; None without a price."""
        price = self.last_price(symbol)
        if price is None or share is None:
            return None
        lot = self.contract(symbol).lot_size
        lots = abs(self.equity * rupees(share) / price / lot).to_integral_value(ROUND_FLOOR)
        return int(lots) * lot * (1 if share > 0 else -1)

    def _underlying(self, named: str | None) -> str:
        """The key of the underlying that is meant."""
        return named or self._symbol
