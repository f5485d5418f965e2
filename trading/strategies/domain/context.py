"""What a strategy can do: the same in a backtest, on paper and live."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import Protocol, TypedDict, Unpack

from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.option_choice import ExpiryRule, Right

from .market import Bar, Contract, Holding, OrderView
from .wish import LegWish

Price = Decimal | float | int
"""Rupees; what is finer than the instrument's tick is rounded to it, away from the market for a limit."""
Remembered = None | bool | int | float | str | list["Remembered"] | dict[str, "Remembered"]


class OrderTerms(TypedDict, total=False):
    """What an order may name besides its units, all by keyword. The type follows from what is given: MARKET, with a
    price LIMIT, with a trigger SL_M, with both SL; the product is the run's own. Prices are rupees."""

    price: Price | None
    trigger_price: Price | None
    order_type: OrderType | None
    product: Product | None
    validity: Validity
    tag: str


class Context(Protocol):
    """A strategy's hands and eyes. `symbol` is the first declared instrument where it is not given.

    Nothing here knows anything later than `now`. What an order comes to is told by `on_fill` and `on_order`; a
    refusal is an order in state REJECTED with its reason, never an exception.
    """

    @property
    def now(self) -> datetime:
        """Market time, aware, in India's zone."""
        ...

    @property
    def capital(self) -> Decimal:
        """What the run was given, rupees."""
        ...

    @property
    def equity(self) -> Decimal:
        """Capital and all that was earned, with open positions at their last price, after charges."""
        ...

    @property
    def cash(self) -> Decimal:
        """What can still be spent or blocked as margin, rupees."""
        ...

    @property
    def random(self) -> Random:
        """Chance, the same for the same seed of the run; the only one a strategy may use."""
        ...

    def position(self, symbol: str | None = None) -> Holding:
        """What this strategy holds of an instrument; nothing is a holding of 0."""
        ...

    def positions(self) -> Sequence[Holding]:
        """All that is not flat."""
        ...

    def orders(self, symbol: str | None = None) -> Sequence[OrderView]:
        """The strategy's orders that are not final, the oldest first."""
        ...

    def bars(self, count: int, symbol: str | None = None, interval: Interval | None = None) -> Sequence[Bar]:
        """The last closed bars of a declared instrument and timeframe, ascending; fewer at the beginning."""
        ...

    def last_price(self, symbol: str | None = None) -> Decimal | None:
        """The last traded price, None when it is not known or stale."""
        ...

    def contract(self, symbol: str | None = None) -> Contract:
        """Lot, tick, expiry and strike. Raises NotFound, `unknown_symbol`."""
        ...

    def buy(self, quantity: int, symbol: str | None = None, **terms: Unpack[OrderTerms]) -> OrderView:
        """Buy units: at MARKET, unless `OrderTerms` say otherwise."""
        ...

    def sell(self, quantity: int, symbol: str | None = None, **terms: Unpack[OrderTerms]) -> OrderView:
        """Sell units, as `buy`."""
        ...

    def target(
        self,
        quantity: int | None = None,
        symbol: str | None = None,
        *,
        share: Price | None = None,
        price: Price | None = None,
        tag: str = "",
    ) -> OrderView | None:
        """Move the position to a signed quantity, or to a share of equity (1 is all of it) in whole lots.

        Cancels the strategy's pending orders of the instrument first. None when it is there already. What is above
        the exchange's freeze quantity goes in several orders, of which the last that was sent is returned; none is
        sent after one that was refused.
        """
        ...

    def close(self, symbol: str | None = None, *, tag: str = "") -> OrderView | None:
        """Flatten one instrument: its pending orders are cancelled, the position goes at MARKET, as by `target`."""
        ...

    def close_all(self, *, tag: str = "") -> Sequence[OrderView]:
        """Flatten everything this strategy holds, what was sold first."""
        ...

    def modify(
        self,
        order_id: str,
        *,
        quantity: int | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
    ) -> OrderView:
        """Change a pending order; unchanged, with the reason, where that is refused."""
        ...

    def cancel(self, order_id: str) -> None:
        """Cancel one pending order; nothing happens when it is final."""
        ...

    def cancel_all(self, symbol: str | None = None) -> None:
        """Cancel the pending orders of one instrument, or of all."""
        ...

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
        """Enter, with exits that guard whatever fills: a stop and a target at absolute prices, of which one cancels
        the other; the stop may trail by `trail` rupees."""
        ...

    def legs(self, legs: Sequence[LegWish], *, tag: str = "") -> Sequence[OrderView]:
        """Several orders of one idea, bought legs first; either all are accepted or none."""
        ...

    def expiries(self, underlying: str | None = None) -> Sequence[date]:
        """Listed expiries of an underlying's options from today on, ascending."""
        ...

    def strikes(self, expiry: date, underlying: str | None = None) -> Sequence[Decimal]:
        """The listed strikes of an underlying's options of one expiry, ascending rupees."""
        ...

    def future(
        self, *, underlying: str | None = None, expiry: date | ExpiryRule = ExpiryRule.CURRENT_MONTH
    ) -> Contract | None:
        """The listed future of an underlying that is meant; None when there is none."""
        ...

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
        """The listed option that is meant: by a strike, by the nearest delta (absolute) or premium, else
        by steps from at the money (positive out of the money). None when none is listed or priced."""
        ...

    def greeks(self, symbol: str) -> "Greeks | None":
        """Of one unit of an option now, None when it has no price."""
        ...

    def watch(self, symbol: str) -> None:
        """Have an instrument's prices from now on, without declaring it in `setup` (an option just chosen)."""
        ...

    def at(self, when: time, name: str) -> None:
        """Have `on_time(ctx, name)` called at a time of this trading day; at once when it is past.

        Raises InvalidInput, `too_many_times`, beyond a thousand that are pending.
        """
        ...

    def remember(self, key: str, value: Remembered) -> None:
        """Keep a value that outlives a restart of the run.

        Raises InvalidInput: `memory_not_json`, and `memory_full` beyond 64 KB of JSON in all.
        """
        ...

    def recall(self, key: str, default: Remembered = None) -> Remembered:
        """What was remembered."""
        ...

    def log(self, message: str) -> None:
        """A line for the run's journal, stamped with market time."""
        ...


class Greeks(Protocol):
    """Delta and the others of one unit; `iv` as a fraction, theta a day, vega a point of volatility."""

    iv: float
    delta: float
    gamma: float
    theta: float
    vega: float
