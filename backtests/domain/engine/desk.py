"""A strategy's way into the run's exchange."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from core.money import from_paise
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.modification import OrderModification
from trading.orders.domain.states import OrderStatus
from trading.strategies.domain.market import Contract, Expiry, OrderView
from trading.strategies.domain.wish import BracketWish, OrderWish

from .account import Account
from .clock import Clock
from .data import MarketData
from .exchange import Exchange
from .floor import Floor


class RunDesk:
    """`trading.strategies.domain.desk.Desk` over the past, for one strategy of a run."""

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        floor: Floor,
        exchange: Exchange,
        account: Account,
        data: MarketData,
        follow: Callable[[str], None],
    ) -> None:
        self._name = name
        self._clock, self._floor, self._exchange, self._account = clock, floor, exchange, account
        self._data = data
        self._follow = follow

    def now(self) -> datetime:
        return self._clock.at

    def submit(self, wish: OrderWish) -> OrderView:
        self._follow(wish.symbol)
        return self._exchange.submit(self._name, wish).view()

    def submit_all(self, wishes: Sequence[OrderWish]) -> Sequence[OrderView]:
        for wish in wishes:
            self._follow(wish.symbol)
        return [order.view() for order in self._exchange.submit_all(self._name, wishes)]

    def submit_bracket(self, wish: BracketWish) -> OrderView:
        self._follow(wish.entry.symbol)
        return self._exchange.submit_bracket(self._name, wish).view()

    def modify(
        self, order_id: str, *, quantity: int | None, price: Decimal | None, trigger_price: Decimal | None
    ) -> OrderView:
        order = self._exchange.book.named(order_id)
        refusal = self._exchange.modify(order, OrderModification(quantity, price, trigger_price))
        view = order.view()
        if refusal is None:
            return view
        return replace_reason(view, refusal.code, refusal.message)

    def cancel(self, order_id: str) -> OrderView:
        order = self._exchange.book.named(order_id)
        self._exchange.cancel(order)
        return order.view()

    def available(self) -> Decimal:
        return from_paise(self._account.available_paise)

    def quote(self, symbol: str) -> Quote | None:
        market = self._floor.seen(symbol)
        quote = market.latest()
        return quote if quote is not None and market.is_fresh(quote) else None

    def last_price(self, symbol: str) -> Decimal | None:
        return self._floor.seen(symbol).fresh_price()

    def contract(self, symbol: str) -> Contract:
        return self._floor.market(symbol).listing.contract

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        return self._data.options(underlying, on)

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        return self._data.futures(underlying, on)

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        return self._data.option(underlying, expiry, strike, right)

    def follow(self, symbol: str) -> None:
        self._follow(symbol)


def replace_reason(view: OrderView, code: str, message: str) -> OrderView:
    """An order as it still is, with why it could not be changed."""
    return replace(view, reason_code=code, reason=message, status=OrderStatus(view.status))
