"""The host of a strategy: it is told what happens, keeps what the strategy holds, and calls its hooks."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import Quote

from ..context import Remembered
from ..desk import Desk
from ..market import Bar, Fill, Holding, OrderView
from ..strategy import Strategy
from .chart import History
from .needs import Declaration, Needs


class StrategyFailed(Exception):
    """A hook has raised; `hook` says which, `__cause__` what. The strategy is called no more."""

    def __init__(self, hook: str, error: BaseException, at: datetime | None) -> None:
        super().__init__(f"{hook}: {type(error).__name__}: {error}")
        self.hook, self.at = hook, at


class StrategyHost:
    """One strategy in its world. Its world tells it, in this order at one instant: `quote` for each instrument
    whose book has changed, `fill` and `order_changed` for what came of it, `bars_closed` once with all bars that
    are over, `clock_reached`. Not thread-safe: one event after another.

    A hook is never called inside another: what an order does at once is told when the hook that sent it is done.
    """

    def __init__(
        self,
        strategy: Strategy,
        desk: Desk,
        *,
        symbols: tuple[str, ...],
        interval: Interval,
        product: Product,
        capital: Decimal,
        seed: int = 0,
        journal: Callable[[datetime, str], None] | None = None,
    ) -> None:
        """Calls `strategy.setup`; `needs` says afterwards what to feed. `journal` takes the lines of `ctx.log`.

        Raises InvalidInput and NotFound for a declaration that cannot be met, StrategyFailed.
        """
        self.strategy, self.desk = strategy, desk
        self.product, self.capital = product, capital
        self._setup = Declaration(symbols, interval)
        strategy.setup(self._setup)

    @property
    def needs(self) -> Needs:
        """What the strategy declared."""
        return self._setup.needs

    def lay_out(self, symbol: str, interval: Interval, history: History, closed: int | None = None) -> None:
        """Give a chart its bars, of which the first `closed` (all by default) are over: the warm-up, and in a
        backtest all that follows. Bars that were laid out are told by `bars_closed` like any others."""
        raise NotImplementedError

    def start(self) -> None:
        """After the warm-up: `on_start`."""
        raise NotImplementedError

    def session_opened(self, day: date, opens: datetime) -> None:
        """A trading session opens: `on_session`."""
        raise NotImplementedError

    def quote(self, quote: Quote) -> None:
        """A price of an instrument; `on_tick` is called by `clock_reached`."""
        raise NotImplementedError

    def bars_closed(self, bars: Sequence[Bar]) -> None:
        """Bars that are over, all at one instant: `on_bar` in the order of declaration, then `on_bars`."""
        raise NotImplementedError

    def clock_reached(self, now: datetime) -> None:
        """The world has got so far: `on_time` for what is due, then `on_tick` for the quotes since."""
        raise NotImplementedError

    def fill(self, fill: Fill) -> None:
        """An order of the strategy has traded: its position moves at once, `on_fill` follows."""
        raise NotImplementedError

    def order_changed(self, order: OrderView) -> None:
        """An order of the strategy has another state: `on_order` if it was refused, cancelled or has expired."""
        raise NotImplementedError

    def position_moved(self, symbol: str, *, quantity: int, open_value_paise: int, realised_paise: int) -> None:
        """Something other than a trade has moved a position: an expiry, a split, a dividend. The state after it."""
        raise NotImplementedError

    def session_ending(self) -> None:
        """`on_session_end`: intraday positions are about to be squared off, or the session is over."""
        raise NotImplementedError

    def holding(self, symbol: str) -> Holding:
        """What the strategy holds of an instrument."""
        raise NotImplementedError

    def orders(self) -> Sequence[OrderView]:
        """The strategy's orders that are not final."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Positions, pending times and what the strategy remembers, as JSON values."""
        raise NotImplementedError

    def restore(self, state: dict[str, Any]) -> None:
        """What `state` gave, after `lay_out` and before `start`."""
        raise NotImplementedError

    def remembered(self) -> dict[str, Remembered]:
        """What the strategy asked to be remembered."""
        raise NotImplementedError
