"""The course of a run: day by day, and within a day from instant to instant.

At one instant, in this order: books move on and what rests trades; the session opens; bars that are over are told;
what must be flat is squared off; times that were asked for, and ticks, are told. While nothing rests and nobody
asks for ticks, only the first snapshot of each base bar is an instant, and no snapshot is made unless one looks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from core.errors import InvalidInput, SaudaError
from core.money import to_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import Quote
from trading.strategies.domain.host import StrategyFailed, StrategyHost
from trading.strategies.domain.market import Bar, Fill

from .account import Account
from .auction import ClosingAuctions
from .charts import ChartRoom, Laid
from .clock import Clock, instant
from .contract_margins import ContractMargins
from .data import MarketData
from .demat import Demat
from .desk import RunDesk
from .exchange import Exchange
from .floor import DataFailed, Floor
from .orders import SimOrder
from .overnight import Overnight
from .record import Record
from .result import BacktestResult, Ending, EventRow, FillRow, LogLine
from .spec import BacktestSpec, Funds, StrategySpec
from .square_off import SquareOffs


@dataclass(slots=True)
class Runner:
    """One strategy of the run."""

    spec: StrategySpec
    host: StrategyHost
    laid: dict[tuple[str, Interval], Laid] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    """The last snapshot of each instrument that its `on_tick` was told of."""
    has_ended: bool = False
    """Whether `on_session_end` was called today."""


class Course:
    """Holds everything that a run is made of and lets time pass."""

    def __init__(self, spec: BacktestSpec, data: MarketData) -> None:
        self._spec, self._data = spec, data
        self._clock = Clock()
        self._clock.day = spec.first
        self._floor = Floor(spec, data, self._clock)
        demat = Demat(data.rules, self._clock)
        is_endless = spec.funds is Funds.ENDLESS
        self._account = Account(to_paise(spec.capital), is_endless=is_endless, delivered=demat.traded)
        protection = data.rules.protection_percent()
        margins = ContractMargins(data, self._quote, self._account.open_positions)
        self._exchange = Exchange(self._clock, self._floor, self._account, margins, self, protection=protection)
        self._record = Record(spec, self._floor)
        self._room = ChartRoom(spec, data, self._floor)
        self._runners = {each.name: self._runner(each) for each in spec.strategies}
        self._square_offs = SquareOffs(self._clock, self._floor, self._account, self._exchange, self._moved)
        self._auctions = ClosingAuctions(self._clock, self._floor, self._exchange)
        self._overnight = Overnight(
            spec, data, self._clock, self._floor, self._account, self._exchange, demat, self._moved, self.follow
        )
        self._instants: list[int] = []
        self._position = 0
        self._closing: dict[int, list[tuple[Runner, list[Bar]]]] = {}
        self._every = list(self._runners.values())
        self._listeners = [each for each in self._every if each.host.wants_ticks]
        self._days = self._begin()

    def run(self, progress: Callable[[float], None] | None, cancelled: Callable[[], bool] | None) -> BacktestResult:
        """Let all days pass, or as many as there is no trouble with."""
        ending, reason = Ending.FINISHED, ""
        try:
            for runner in self._runners.values():
                self._clock.now = self._first_open()
                runner.host.start()
            for number, day in enumerate(self._days):
                if cancelled is not None and cancelled():
                    ending, reason = Ending.CANCELLED, "Cancelled on request."
                    break
                self._day(day)
                if progress is not None:
                    progress((number + 1) / len(self._days))
        except DataFailed as failure:
            ending, reason = Ending.DATA_FAILED, f"{failure}"
        except StrategyFailed as failure:
            cause = failure.__cause__
            is_data = isinstance(cause, DataFailed)
            ending, reason = (Ending.DATA_FAILED, f"{cause}") if is_data else (Ending.STRATEGY_FAILED, f"{failure}")
        except SaudaError as error:
            ending, reason = Ending.DATA_FAILED, error.detail
        notes = (
            *self._room.notes,
            *self._overnight.notes,
            *self._auctions.notes(),
            *self._record.notes(len(self._days)),
        )
        return self._record.result(
            ending,
            reason,
            at=self._clock.at,
            account=self._account,
            orders=[order.row() for order in self._exchange.orders.values()],
            notes=(*notes, *self._data.notes(list(self._floor.hours))),
        )

    def filled(self, order: SimOrder, fill: Fill, row: FillRow) -> None:
        """An order has traded."""
        self._record.fills.append(row)
        self._runners[order.strategy].host.fill(fill)

    def changed(self, order: SimOrder) -> None:
        """An order has another state."""
        self._runners[order.strategy].host.order_changed(order.view())

    def follow(self, symbol: str) -> None:
        """Have an instrument's prices from now on."""
        if symbol in self._floor.hours:
            return
        self._floor.admit(symbol, self._clock.day)
        self._floor.open_market(symbol, self._clock.day)
        self._record.prices(symbol)
        starts = self._starts(symbol)
        later = [each for each in starts if each > self._clock.now]
        known = set(self._instants)
        if any(each not in known for each in later):
            self._replan(sorted(known | set(later)))

    def _quote(self, symbol: str) -> Quote | None:
        """The latest snapshot of an instrument that is followed."""
        market = self._floor.markets.get(symbol)
        return None if market is None else market.latest()

    def _replan(self, instants: list[int]) -> None:
        """Let instants be added to the rest of the day."""
        closing = {self._instants[place]: told for place, told in self._closing.items()}
        self._instants = instants
        self._closing = {bisect_left(instants, at): told for at, told in closing.items()}
        self._position = bisect_right(instants, self._clock.now) - 1

    def _runner(self, spec: StrategySpec) -> Runner:
        desk = RunDesk(
            spec.name,
            clock=self._clock,
            floor=self._floor,
            exchange=self._exchange,
            account=self._account,
            data=self._data,
            follow=self.follow,
        )
        host = StrategyHost(
            spec.strategy(**spec.settings),
            desk,
            symbols=spec.symbols,
            interval=spec.interval,
            product=spec.product,
            capital=self._spec.capital,
            size=spec.size,
            seed=self._spec.seed,
            journal=lambda at, text: self._record.log.append(LogLine(at, spec.name, text[:1000])),
        )
        return Runner(spec, host)

    def _begin(self) -> list[date]:
        """Admit the declared instruments, lay the charts out; the trading days of the span."""
        since = min((self._reach(runner) for runner in self._runners.values()), default=self._spec.first)
        for runner in self._runners.values():
            needs = runner.host.needs
            for symbol in dict.fromkeys((*needs.symbols, *(key[0] for key in needs.charts))):
                self._floor.admit(symbol, since)
                self._floor.bars(symbol)
        days = self._floor.trading_days()
        if not days:
            raise InvalidInput("No exchange was open in the span.", code="no_sessions")
        for runner in self._runners.values():
            self._lay_out(runner, days[0], first=True)
        return days

    def _reach(self, runner: Runner) -> date:
        return self._room.reach(runner.host.needs)

    def _lay_out(self, runner: Runner, day: date, *, first: bool = False) -> None:
        """Give the strategy's charts their bars in the shares of a day."""
        needs = runner.host.needs
        for key in needs.charts:
            runner.laid[key] = self._room.laid(*key, needs.warm_up(key))
        for (symbol, interval), chart in needs.charts.items():
            if not first and not self._room.changes_on(symbol, day):
                continue
            laid = runner.laid[symbol, interval]
            others = {
                other: self._room.as_of(other, runner.laid[other, interval], day).series
                for other in chart.compared_with
            }
            closed = laid.before if first else chart.place + 1
            runner.host.lay_out(symbol, interval, self._room.as_of(symbol, laid, day), closed, others)

    def _first_open(self) -> float:
        return float(
            min(hours[self._days[0]].opens for hours in self._floor.hours.values() if self._days[0] in hours)
        )

    def _day(self, day: date) -> None:
        self._clock.day = day
        open_hours = [hours[day] for hours in self._floor.hours.values() if day in hours]
        self._clock.now = float(min(each.opens for each in open_hours))
        self._floor.open_day(day)
        self._overnight.morning()
        for runner in self._runners.values():
            runner.has_ended = False
            if any(self._room.changes_on(symbol, day) for symbol, _ in runner.host.needs.charts):
                self._lay_out(runner, day)
        self._plan(day)
        for symbol in self._floor.markets:
            self._record.prices(symbol)
        self._position = 0
        clock, exchange, every = self._clock, self._exchange, self._every
        squares_from = self._square_offs.earliest()
        is_first = True
        while self._position < len(self._instants):
            now = self._instants[self._position]
            clock.now = now
            if self._listeners or exchange.resting or exchange.guards:
                self._trade()
            if is_first:
                is_first = False
                self._open_session(day)
            told = self._closing.get(self._position)
            if told is not None:
                for runner, bars in told:
                    runner.host.bars_closed(bars)
            if now >= squares_from or self._listeners or any(each.host.times for each in every):
                self._after()
                self._between()
            elif exchange.resting or exchange.guards:
                self._between()
            self._position += 1
        self._end_day(day)

    def _plan(self, day: date) -> None:
        """The day's instants, and which bars are over at which."""
        starts: set[int] = set()
        edges: set[int] = set()
        for symbol, hours in self._floor.hours.items():
            if day in hours:
                starts.update(self._starts(symbol))
                edges.update(closes for _, closes in hours[day].windows)
                square = self._floor.square_off(symbol)
                if square is not None and hours[day].opens < square.at.timestamp() < hours[day].closes:
                    edges.add(int(square.at.timestamp()))
        self._instants = sorted(starts | edges | self._auctions.open_day())
        self._closing = {}
        for runner in self._runners.values():
            self._plan_bars(runner, day)
        self._record.instants(self._clock.day)

    def _plan_bars(self, runner: Runner, day: date) -> None:
        for (symbol, interval), laid in runner.laid.items():
            hours = self._floor.hours[symbol].get(day)
            if hours is None:
                continue
            history, chart = laid.history, runner.host.chart(symbol, interval)
            first = chart.place + 1
            end = int(np.searchsorted(history.ends, hours.closes, side="right"))
            if chart.place >= 0 or end > first:
                told = chart.rows(first, end)
                places = np.searchsorted(self._instants, history.ends[first:end]).tolist()
                for place, bar in zip(places, told, strict=True):
                    self._tell_at(place, runner, bar)
                self._record.bars += len(told)

    def _tell_at(self, place: int, runner: Runner, bar: Bar) -> None:
        told = self._closing.get(place)
        if told is None:
            self._closing[place] = [(runner, [bar])]
        elif told[-1][0] is runner:
            told[-1][1].append(bar)
        else:
            told.append((runner, [bar]))

    def _starts(self, symbol: str) -> list[int]:
        day = self._floor.markets[symbol].day
        return [] if day is None else day.bars.start.tolist()

    def _trade(self) -> None:
        """Books move on; what rests or guards meets the new snapshots, and ticks are noted."""
        self._exchange.trade()
        for runner in self._listeners:
            for symbol in runner.host.needs.symbols:
                market = self._floor.markets[symbol]
                sequence = market.sequence()
                if sequence != runner.heard.get(symbol) and (quote := market.latest()) is not None:
                    runner.heard[symbol] = sequence
                    runner.host.quote(quote)

    def _open_session(self, day: date) -> None:
        self._exchange.release_all()
        for runner in self._runners.values():
            hours = self._floor.hours[runner.spec.symbols[0]].get(day)
            if hours is not None:
                runner.host.session_opened(day, instant(hours.opens), instant(hours.closes))

    def _after(self) -> None:
        """Squaring off, the end of intraday trading, times and ticks."""
        if self._square_offs.is_due():
            for runner in self._runners.values():
                if runner.spec.product is Product.INTRADAY and not runner.has_ended:
                    runner.has_ended = True
                    runner.host.session_ending()
            self._square_offs.run()
        for runner in self._runners.values():
            if runner.host.times or runner.host.wants_ticks:
                runner.host.clock_reached(self._clock.at)

    def _between(self) -> None:
        """The instants within a base bar, where somebody cares for them."""
        self._auctions.look()
        while (at := self._next_between()) is not None:
            self._clock.now = at
            self._trade()
            self._after()

    def _next_between(self) -> float | None:
        """The next instant before the next base bar at which something can happen."""
        if self._exchange.is_idle and not self._listeners and not any(each.host.times for each in self._every):
            return None
        if self._position + 1 >= len(self._instants):
            return None
        end = float(self._instants[self._position + 1])
        found = min(end, self._exchange.next_event())
        for runner in self._listeners:
            for symbol in runner.host.needs.symbols:
                found = min(found, self._floor.markets[symbol].next_snapshot())
        for runner in self._every:
            if runner.host.times:
                found = min(found, runner.host.times[0][0].timestamp())
        return found if self._clock.now < found < end else None

    def _end_day(self, day: date) -> None:
        for runner in self._every:
            if not runner.has_ended:
                runner.host.session_ending()
        self._overnight.evening()

    def _moved(self, row: EventRow, value_change_paise: int) -> None:
        """Something other than a trade has moved a position, and the cost of what is open with it."""
        self._record.events.append(row)
        self._runners[row.strategy].host.position_moved(
            row.symbol,
            quantity=row.quantity_change,
            value_paise=value_change_paise,
            realised_paise=row.realised_paise,
            charges_paise=row.charges_paise,
        )
