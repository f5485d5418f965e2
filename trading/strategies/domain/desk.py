"""The port between a strategy's host and its world: the backtest's exchange, or the order services of a paper or
live account. Each world implements it once; the host (`host.py`) is the same in all of them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from trading.marketdata.domain.quote import Quote

from .market import Contract, Expiry, OrderView
from .wish import BracketWish, OrderWish


class Desk(Protocol):
    """Orders go out and their state at once comes back; fills are told to the host as they happen, which for a
    paper exchange may be inside `submit`."""

    def now(self) -> datetime: ...

    def submit(self, wish: OrderWish) -> OrderView: ...

    def submit_all(self, wishes: Sequence[OrderWish]) -> Sequence[OrderView]:
        """Several, all or none, bought legs first."""
        ...

    def submit_bracket(self, wish: BracketWish) -> OrderView: ...

    def modify(
        self, order_id: str, *, quantity: int | None, price: Decimal | None, trigger_price: Decimal | None
    ) -> OrderView: ...

    def cancel(self, order_id: str) -> OrderView: ...

    def available(self) -> Decimal:
        """Funds for new orders of this run, rupees."""
        ...

    def quote(self, symbol: str) -> Quote | None:
        """The latest snapshot, None when there is none or it is stale."""
        ...

    def last_price(self, symbol: str) -> Decimal | None:
        """The last traded price of `quote`, without the rest of it."""
        ...

    def contract(self, symbol: str) -> Contract:
        """Raises NotFound, `unknown_symbol`."""
        ...

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        """Listed option expiries of an underlying on a day, ascending."""
        ...

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        """Listed futures of an underlying on a day, the first to expire first; none where it has none."""
        ...

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None: ...

    def follow(self, symbol: str) -> None:
        """Have the instrument's ticks told to the host from now on."""
        ...
