"""The course of a run: day by day, and within a day from instant to instant.

At one instant, in this order: books move on and what rests trades; the session opens; bars that are over are told;
what must be flat is squared off; times that were asked for, and ticks, are told. While nothing rests and nobody
asks for ticks, only the first snapshot of each base bar is an instant, and no snapshot is made unless one looks.
"""

from collections.abc import Callable
from datetime import date

from core.errors import InvalidInput, SaudaError
from core.money import to_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.quote import Quote
from trading.strategies.domain.host import StrategyFailed, StrategyHost
from trading.strategies.domain.market import Fill

from .account import Account
from .agenda import Agenda
from .auction import ClosingAuctions
from .charts import ChartRoom
from .clock import Clock, instant
from .contract_margins import ContractMargins
from .data import MarketData
from .demat import Demat
from .desk import RunDesk
from .exchange import Exchange
from .floor import DataFailed, Floor
from .matcher import Matcher
from .orders import SimOrder
from .overnight import Overnight
from .record import Record
from .result import BacktestResult, Ending, EventRow, FillRow, LogLine
from .runner import Runner
from .spec import BacktestSpec, Funds, StrategySpec
from .square_off import SquareOffs


class _Cancelled(Exception):
    """Nobody wants the result any more."""


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
        self._book, self._matcher = (
            self._exchange.book,
            Matcher(self._clock, self._floor, self._account, self._exchange),
        )
        self._record = Record(spec, self._floor)
        self._room = ChartRoom(spec, data, self._floor)
        self._runners = {each.name: self._runner(each) for each in spec.strategies}
        self._square_offs = SquareOffs(self._clock, self._floor, self._account, self._exchange, self._moved)
        self._auctions = ClosingAuctions(self._clock, self._floor, self._exchange)
        self._overnight = Overnight(
            spec, data, self._clock, self._floor, self._account, self._exchange, demat, self._moved, self.follow
        )
        self._agenda = Agenda(self._floor, self._clock)
        self._every = list(self._runners.values())
        self._times = [runner.host.times for runner in self._every]
        self._listeners = [each for each in self._every if each.host.wants_ticks]
        self._days = self._begin()
        self._is_cancelled: Callable[[], bool] | None = None

    def run(self, progress: Callable[[float], None] | None, cancelled: Callable[[], bool] | None) -> BacktestResult:
        """Let all days pass, or as many as there is no trouble with."""
        ending, reason = Ending.FINISHED, ""
        self._is_cancelled = cancelled
        try:
            for runner in self._runners.values():
                self._clock.now = self._first_open()
                runner.host.start()
            for number, day in enumerate(self._days):
                self._heed()
                self._day(day)
                if progress is not None:
                    progress((number + 1) / len(self._days))
        except _Cancelled:
            ending, reason = Ending.CANCELLED, "Cancelled on request."
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
            orders=[order.row() for order in self._book.orders.values()],
            notes=(*notes, *self._data.notes(list(self._floor.hours))),
        )

    def _heed(self) -> None:
        """Between two sessions is not often enough: a strategy may think for seconds over each bar."""
        if self._is_cancelled is not None and self._is_cancelled():
            raise _Cancelled

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
        self._agenda.admit(symbol)

    def _quote(self, symbol: str) -> Quote | None:
        """The latest snapshot of an instrument that is followed."""
        market = self._floor.markets.get(symbol)
        return None if market is None else market.latest()

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
        since = min(self._room.reach(runner.host.needs) for runner in self._runners.values())
        for runner in self._runners.values():
            needs = runner.host.needs
            for symbol in dict.fromkeys((*needs.symbols, *(key[0] for key in needs.charts))):
                self._floor.admit(symbol, since)
                self._floor.bars(symbol)
        days = self._floor.trading_days()
        if not days:
            raise InvalidInput("No exchange was open in the span.", code="no_sessions")
        for runner in self._runners.values():
            runner.lay_out(self._room, days[0])
        return days

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
        for runner in self._every:
            runner.has_ended = False
            runner.lay_out_anew(self._room, day)
        self._record.bars += self._agenda.begin(day, self._every)
        self._record.instants(day)
        for symbol in self._floor.markets:
            self._record.prices(symbol)
        self._pass()
        for runner in self._every:
            if not runner.has_ended:
                runner.host.session_ending()
        self._overnight.evening()

    def _pass(self) -> None:
        """Let the day's instants pass, one after another."""
        agenda, clock, book = self._agenda, self._clock, self._book
        squares_from = self._square_offs.earliest()
        while agenda.place < len(agenda.instants):
            clock.now = now = agenda.instants[agenda.place]
            if self._listeners or book.resting or book.guards:
                self._trade()
            if not agenda.place:
                self._open_session()
            told = agenda.told.get(agenda.place)
            if told is not None:
                self._heed()
                for runner, bars in told:
                    runner.host.bars_closed(bars)
            if now >= squares_from or self._listeners or any(self._times):
                self._after()
                self._between()
            elif book.resting or book.guards:
                self._between()
            agenda.place += 1

    def _trade(self) -> None:
        """Books move on; what rests or guards meets the new snapshots, and ticks are noted."""
        self._matcher.trade()
        for runner in self._listeners:
            for symbol in runner.host.needs.symbols:
                market = self._floor.markets[symbol]
                sequence = market.sequence()
                if sequence != runner.heard.get(symbol) and (quote := market.latest()) is not None:
                    runner.heard[symbol] = sequence
                    runner.host.quote(quote)

    def _open_session(self) -> None:
        day = self._clock.day
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
        if self._book.is_idle and not self._listeners and not any(self._times):
            return None
        end = self._agenda.next
        if end == float("inf"):
            return None
        found = min(end, self._matcher.next_event())
        for runner in self._listeners:
            for symbol in runner.host.needs.symbols:
                found = min(found, self._floor.markets[symbol].next_snapshot())
        for runner in self._every:
            if runner.host.times:
                found = min(found, runner.host.times[0][0].timestamp())
        return found if self._clock.now < found < end else None

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
