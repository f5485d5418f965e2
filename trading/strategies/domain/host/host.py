"""The host of a strategy: it is told what happens, keeps what the strategy holds, and calls its hooks."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from core.clock import IST
from core.errors import InvalidInput
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.states import FINAL, OrderStatus

from ..desk import Desk
from ..market import Bar, Fill, Holding, OrderView
from ..strategy import SignalStrategy, Strategy
from .chart import Chart, History
from .context import HostContext
from .holdings import Holdings
from .hooks import Hooks, own_hook
from .memory import Memory
from .needs import Declaration, Needs
from .signals import SignalFollower, Size

_UNTRADED = frozenset({OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})

MOST_TIMES = 1_000
"""Pending times of `ctx.at`."""


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
        size: Size = Size(),  # noqa: B008
        seed: int = 0,
        journal: Callable[[datetime, str], None] | None = None,
    ) -> None:
        """Calls `strategy.setup`; `needs` says afterwards what to feed. `size` is what a signal strategy trades,
        `journal` takes the lines of `ctx.log`.

        Raises InvalidInput and NotFound for a declaration that cannot be met, StrategyFailed.
        """
        self.strategy, self.desk = strategy, desk
        self.product, self.capital = product, capital
        self.random = Random(seed)
        self.holdings = Holdings()
        self.working: dict[str, OrderView] = {}
        self.memory = Memory()
        self.times: list[tuple[datetime, str]] = []
        self._journal = journal
        self._sending = 0
        self._ended: set[str] = set()
        self._ticks: list[Quote] = []
        self._session: date | None = None
        self._opens = 0
        self.closes: datetime | None = None
        self._setup = Declaration(symbols, interval)
        self.context = HostContext(self, symbols[0] if symbols else "", interval)
        self._call = Hooks(self.context, desk.now).call
        strategy.setup(self._setup)
        self.needs: Needs = self._setup.needs
        """What the strategy declared."""
        self._charts = self.needs.charts
        self._follower = SignalFollower(strategy, self._setup, size) if _is_signals(strategy) else None
        self._main = frozenset(self.needs.symbols), interval
        self._order = {key: place for place, key in enumerate(self.needs.charts)}
        self._told = frozenset(self.needs.told)
        self._on_bar = own_hook(strategy, "on_bar")
        self._on_bars = own_hook(strategy, "on_bars")
        self._on_tick = own_hook(strategy, "on_tick") if self.needs.ticks else None
        self._on_fill = own_hook(strategy, "on_fill")
        self._on_order = own_hook(strategy, "on_order")

    @property
    def wants_ticks(self) -> bool:
        """Whether every price has to be told."""
        return self._on_tick is not None

    @property
    def next_time(self) -> datetime | None:
        """The earliest instant that the strategy asked to be called at."""
        return self.times[0][0] if self.times else None

    def chart(self, symbol: str, interval: Interval) -> Chart:
        """A declared chart. Raises KeyError."""
        return self.needs.charts[symbol, interval]

    def lay_out(
        self,
        symbol: str,
        interval: Interval,
        history: History,
        closed: int | None = None,
        others: dict[str, BarSeries] | None = None,
    ) -> None:
        """Give a chart its bars, of which the first `closed` (all by default) are over: the warm-up, and in a
        backtest all that follows. Bars that were laid out are told by `bars_closed` like any others.

        `others` are bars of the instruments in `Chart.compared_with`, of the same timeframe.
        """
        chart = self.chart(symbol, interval)
        chart.lay_out(history, len(history) if closed is None else closed, others)
        if self._follower is not None and self._follower.chart is chart:
            self._follower.lay_out(history)

    def start(self) -> None:
        """After the warm-up: `on_start`."""
        self._call(self.strategy.on_start)

    def session_opened(self, day: date, opens: datetime, closes: datetime) -> None:
        """A trading session has opened, and its first prices are known: `on_session`. Times that were asked for on
        another day are forgotten."""
        if day != self._session:
            self.times.clear()
        self._session, self._opens, self.closes = day, int(opens.timestamp()), closes
        if self._follower is not None:
            self._call(self._follower.on_session)
        self._call(self.strategy.on_session)

    def session_resumed(self, day: date, opens: datetime, closes: datetime) -> None:
        """After a restart in the midst of a session that was told of: nothing is called, pending times stay."""
        self._session, self._opens, self.closes = day, int(opens.timestamp()), closes

    def quote(self, quote: Quote) -> None:
        """A price of an instrument; `on_tick` is called by `clock_reached`."""
        if self._on_tick is not None:
            self._ticks.append(quote)

    def bars_closed(self, bars: Sequence[Bar]) -> None:
        """Bars that are over, all at one instant: every line moves on, then `on_bar` in the order of declaration,
        then `on_bars`. A bar that a chart has already is passed over, one that nobody declared too."""
        if len(bars) > 1:
            bars = sorted(bars, key=lambda bar: self._order.get(bar[:2], -1))
        fresh = []
        for bar in bars:
            chart = self._charts.get(bar[:2])
            if chart is not None and (chart.advance() or self._push(chart, bar, bars)):
                fresh.append(bar)
        if self._follower is not None:
            for bar in fresh:
                self._call(self._follower.on_bar, bar)
        if self._on_bar is not None:
            for bar in fresh:
                if bar[:2] in self._told:
                    self._call(self._on_bar, bar)
        if self._on_bars is not None:
            symbols, interval = self._main
            of_run = {bar.symbol: bar for bar in fresh if bar.interval is interval and bar.symbol in symbols}
            if of_run:
                self._call(self._on_bars, of_run)

    def clock_reached(self, now: datetime) -> None:
        """The world has got so far: `on_time` for what is due, then `on_tick` for the quotes since."""
        while self.times and self.times[0][0] <= now:
            _, name = self.times.pop(0)
            self._call(self.strategy.on_time, name)
        if self._ticks:
            ticks, self._ticks = self._ticks, []
            for quote in ticks:
                if self._on_tick is not None:
                    self._call(self._on_tick, quote)

    def fill(self, fill: Fill) -> None:
        """An order of the strategy has traded: its position moves at once, `on_fill` follows."""
        self.holdings.fill(fill, fill.at.astimezone(IST).date())
        if self._on_fill is not None:
            self._call(self._on_fill, fill)

    def order_changed(self, order: OrderView) -> None:
        """An order of the strategy has another state: `on_order` if it was refused, cancelled or has expired."""
        if order.status not in FINAL:
            self.working[order.id] = order
            return
        if self.working.pop(order.id, None) is None:
            if not self._sending or order.id in self._ended:
                return
            self._ended.add(order.id)
        self._tell_ended(order)

    def sent(self, send: Callable[[], Sequence[OrderView]]) -> Sequence[OrderView]:
        """Orders through the desk: what it answers is noted, and told once if it is an ending."""
        self._sending += 1
        try:
            views = send()
        finally:
            self._sending -= 1
        for view in views:
            if view.status not in FINAL:
                self.working[view.id] = view
            elif view.id not in self._ended and self.working.pop(view.id, None) is None:
                self._tell_ended(view)
        if not self._sending:
            self._ended.clear()
        return views

    def position_moved(
        self,
        symbol: str,
        *,
        quantity: int = 0,
        value_paise: int = 0,
        realised_paise: int = 0,
        charges_paise: int = 0,
    ) -> None:
        """Something other than a trade has moved a position: an expiry, a split, a dividend, a fee. All are
        changes: of units (signed), of the cost of what is open, of what was earned and charged."""
        self.holdings.move(
            symbol,
            quantity=quantity,
            value_paise=value_paise,
            realised_paise=realised_paise,
            charges_paise=charges_paise,
        )

    def session_ending(self) -> None:
        """`on_session_end`: intraday positions are about to be squared off, or the session is over."""
        self._call(self.strategy.on_session_end)

    def holding(self, symbol: str) -> Holding:
        """What the strategy holds of an instrument."""
        return self.holdings.holding(symbol, self.desk.last_price(symbol))

    def orders(self) -> Sequence[OrderView]:
        """The strategy's orders that are not final, the oldest first."""
        return list(self.working.values())

    def schedule(self, at: datetime, name: str) -> None:
        """Have `on_time` called; once the present hook is done where it is past. Raises InvalidInput,
        `too_many_times`."""
        if at <= self.desk.now():
            self._call(self.strategy.on_time, name)
            return
        if len(self.times) >= MOST_TIMES:
            raise InvalidInput(f"A strategy may wait for {MOST_TIMES:,} times at once.", code="too_many_times")
        self.times.append((at, name))
        self.times.sort()

    def log(self, message: str) -> None:
        """A line for the run's journal."""
        if self._journal is not None:
            self._journal(self.desk.now(), message)

    def state(self) -> dict[str, Any]:
        """Positions, pending times and what the strategy remembers, as JSON values."""
        return {
            "positions": self.holdings.to_json(),
            "times": [[at.isoformat(), name] for at, name in self.times],
            "session": self._session.isoformat() if self._session else None,
            "remembered": self.memory.to_json(),
            "wanted": None if self._follower is None else self._follower.followed,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """What `state` gave, after `lay_out` and before `start`."""
        self.holdings.from_json(state["positions"])
        self.times = [(datetime.fromisoformat(at), name) for at, name in state["times"]]
        self._session = date.fromisoformat(state["session"]) if state["session"] else None
        self.memory.from_json(state["remembered"])
        if self._follower is not None:
            self._follower.followed = state["wanted"]

    def _tell_ended(self, order: OrderView) -> None:
        if order.status in _UNTRADED and self._on_order is not None:
            self._call(self._on_order, order)

    def _push(self, chart: Chart, bar: Bar, bars: Sequence[Bar]) -> bool:
        """Give a chart a bar that was not laid out; whether it has not had it yet."""
        if bar.start <= chart.last_start:
            return False
        session = self._opens if bar.interval.seconds < Interval.D1.seconds else bar.start
        chart.push(bar, session, self._compared(chart, bar, bars))
        return True

    def _compared(self, chart: Chart, bar: Bar, bars: Sequence[Bar]) -> dict[str, float]:
        """The closes of other instruments at the same bar, of those that are over by now."""
        others = chart.compared_with
        if not others:
            return {}
        known = [*bars, *(each for other in others for each in self.chart(other, bar.interval).last(1))]
        wanted = {(symbol, bar.interval, bar.start) for symbol in others}
        return {each.symbol: each.close for each in known if (each.symbol, each.interval, each.start) in wanted}


def _is_signals(strategy: Strategy) -> bool:
    return isinstance(strategy, SignalStrategy)
