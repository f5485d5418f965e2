"""Driving one run: its host is told what happens, turn by turn, and what came of a turn is written together."""

import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.domain.actor import system_actor
from core import clock
from trading.brokers.domain.terms import Product
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import Quote
from trading.strategies.domain.host import StrategyFailed, StrategyHost
from trading.strategies.domain.runs.limits import Breach, RunFigures, loss_breach
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import DRIVEN, RunState
from trading.strategies.domain.strategy import Strategy
from trading.strategies.models import RunNoteKind, Signal, StrategyRun
from trading.strategies.selectors.runs.book import working_of
from trading.strategies.selectors.runs.news import unsettled_signals
from trading.strategies.selectors.runs.strategy import strategy_close, strategy_of
from trading.strategies.services.runs.flatten import flatten_step
from trading.strategies.services.runs.judging import Profit
from trading.strategies.services.runs.lease import Lease
from trading.strategies.services.runs.moves import HOUSE, run_limit_reached, run_wind_up
from trading.strategies.services.runs.rows import LeaseLost
from trading.strategies.services.runs.signals import signals_expire
from trading.strategies.services.runs.told import Standing, Told, told_save

from .bars import BarClock
from .desk import RunDesk
from .ear import Ear
from .hours import Session, session_at
from .opening import name_causes, told_through, warm_up

# A lost bell is made good by looking at the rows after so long.
_LOOK_SECONDS = 1.0
# What a run is worth is written so often when nothing else has to be, positions are compared so often.
_WORTH_SECONDS = 5.0
_COMPARE_SECONDS = 30.0
_MOST_LOG_LINES = 200
# A run in these is told what happens; one that is being stopped is only wound up.
_TOLD = (RunState.RUNNING, RunState.PAUSED)
# What people change of a run while it is driven.
_CHANGING = (
    "state",
    "flatten_asked",
    "capital_paise",
    "signal_seconds",
    "max_loss_paise",
    "max_loss_day_paise",
    "max_orders_day",
    "max_open_positions",
    "approval_band_bps",
)


class RunDriver:
    """One run under a lease. Not thread-safe: it lives on a thread of its own, in the run's tenant scope.

    `open`, then `turn` again and again until `is_over`. Raises LeaseLost when another process has it,
    StrategyFailed when the strategy broke, and what the database or the store raise when they are gone: then
    nothing of the turn is written, and whoever opens the run next tells it again.
    """

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.run = self._row()
        self.is_over = False
        self.symbols: set[str] = set()
        self._strategy: Strategy | None = None
        self._is_open = False
        self._house = system_actor(self.run.organisation_id, HOUSE)
        self._ear = Ear(self.run)
        self._notes: list[tuple[RunNoteKind, str, datetime]] = []
        self._session: Session | None = None
        self._state: dict[str, str] = {}
        self._saved: dict[str, Any] = dict(self.run.remembered)
        self._standing: Standing | None = None
        self._next_look = self._next_worth = self._next_compare = 0.0
        self._marked: datetime | None = None

    def open(self) -> None:
        """Set the strategy up, warm it up, and tell it where it stands. Raises InvalidInput and NotFound too.

        A run that is being stopped is wound up without its strategy: it has nothing to say any more, and may be
        what broke.
        """
        run = self.run
        if run.state == RunState.STOPPING:
            return
        strategy = self._strategy = strategy_of(run)(**run.parameters)
        self.desk = RunDesk(
            run, self.lease, traded=self._ear.traded, waits=self._ear.await_answer, profit=self._profit
        )
        self.desk.followed = self.symbols
        name_causes(strategy, self.desk.keys, self._ear.fill_ids)
        self.host = StrategyHost(
            strategy,
            self.desk,
            symbols=tuple(run.symbols),
            interval=Interval(run.interval),
            product=Product(run.product),
            capital=run.capital,
            journal=self._log,
        )
        self._ear.attach(self.host)
        self._is_open = True
        self.symbols.update(self.host.needs.symbols)
        self._main = instrument_get(run.symbols[0])
        charts = {key: instrument_get(key[0]) for key in self.host.needs.charts}
        through = told_through({interval for _, interval in charts}, run.bars_through, clock.now())
        warm_up(self.host, charts, through)
        self._bars = BarClock(charts, through)
        self._through = max(through.values())
        self._restore(self._saved)
        self._ear.take_up()
        self.desk.keys.begin(f"start {run.started_at}")
        self.host.start()
        self._resume()
        self._ear.hear()
        self._save(at_once=True)

    def close(self) -> None:
        """Let go of what the strategy holds outside of this process: own code runs in one of its own."""
        strategy_close(self._strategy)

    def turn(self, quotes: Mapping[str, Quote] | None = None, *, rung: bool = False) -> None:
        """Tell the strategy everything that has happened since the last turn, in the order of the rule of time."""
        looks = rung or time.monotonic() >= self._next_look
        if looks:
            if not self._look():
                return
        elif self.run.state not in _TOLD:
            return
        now = clock.now()
        self.desk.quotes.update(quotes or {})
        self._follow_session(now)
        for quote in (quotes or {}).values():
            self.host.quote(quote)
        if looks:
            self._hear()
        while (end := self._bars.due(now)) is not None:
            self._close_bars(end)
        self._tell_time(now)
        self._end_session(now)
        if looks:
            self._mind_the_stop(now)
            self._mind_the_losses()
        self._save(at_once=looks)

    def _row(self) -> StrategyRun:
        run: StrategyRun = StrategyRun.objects.select_related("account").get(id=self.lease.run_id)
        if run.lease_epoch != self.lease.epoch:
            raise LeaseLost(f"run {run.name}: epoch {self.lease.epoch}, now {run.lease_epoch}")
        return run

    def _look(self) -> bool:
        """Read the row again; False when the run is over, and then it has been wound up."""
        self._next_look = time.monotonic() + _LOOK_SECONDS
        self._read_row()
        if self.run.state == RunState.STOPPING:
            run_wind_up(run_id=self.run.id)
            self._read_row()
        if self.run.state not in _TOLD:
            self.is_over = self.run.state not in DRIVEN
            self._hear_the_last()
            return False
        if self.run.flatten_asked and self.run.state == RunState.PAUSED:
            flatten_step(self.run, actor=self._house)
        for signal in signals_expire(run_id=self.run.id, epoch=self.lease.epoch):
            self._ear.settled(signal)
        return True

    def _read_row(self) -> None:
        """Take over what people have changed of the run."""
        row = self._row()
        for name in _CHANGING:
            setattr(self.run, name, getattr(row, name))
        if self._is_open:
            self.host.capital = row.capital

    def _hear_the_last(self) -> None:
        """Trades of a run that is being stopped belong to what it has made; what its strategy says to them does
        not keep it from ending."""
        if not self._is_open or self.run.state == RunState.FAILED:
            return
        try:
            self._hear()
        except StrategyFailed as failure:
            self._note(RunNoteKind.ERROR, f"While it was stopped: {failure}")
        self._save(at_once=True)

    def _restore(self, remembered: Mapping[str, Any]) -> None:
        """What the process before this one left; nothing of a first start."""
        self._state = {
            name: remembered.get(name, "")
            for name in ("day", "net_before", "flattening", "flattened", "session", "ended")
        }
        if remembered.get("host"):
            self.host.restore(remembered["host"])

    def _resume(self) -> None:
        """Send what was decided and not sent."""
        ready: dict[UUID, list[Signal]] = {}
        for signal in unsettled_signals(self.run):
            if signal.state == SignalState.READY:
                ready.setdefault(signal.batch or signal.id, []).append(signal)
        for batch in ready.values():
            for view in self.desk.resume(batch):
                self.host.order_changed(view)

    def _hear(self) -> None:
        self.desk.keys.begin("news")
        self._ear.hear()
        if time.monotonic() >= self._next_compare:
            self._next_compare = time.monotonic() + _COMPARE_SECONDS
            self._ear.compare()

    def _follow_session(self, now: datetime) -> None:
        session = session_at(self._main, Product(self.run.product), now)
        if session is None or (self._session is not None and session.opens == self._session.opens):
            return
        self._session = session
        opens = session.opens.isoformat()
        if self._state["session"] == opens:
            self.host.session_resumed(session.day, session.opens, session.closes)
            return
        self._state["session"] = opens
        self._ear.widen()
        self.desk.keys.begin(f"session {opens}")
        self.host.session_opened(session.day, session.opens, session.closes)

    def _close_bars(self, end: int) -> None:
        bars = self._bars.take(end)
        self.desk.keys.begin(f"bars {end}")
        self.host.bars_closed(bars)
        self._through = max(self._through, end)

    def _tell_time(self, now: datetime) -> None:
        while self.host.next_time is not None and self.host.next_time <= now:
            due = self.host.next_time
            self.desk.keys.begin(f"time {due.isoformat()}")
            self.host.clock_reached(due)
        self.desk.keys.begin(f"tick {now.isoformat()}")
        self.host.clock_reached(now)

    def _end_session(self, now: datetime) -> None:
        session = self._session
        if session is None or now < session.ending_at or self._state["ended"] == session.opens.isoformat():
            return
        self._state["ended"] = session.opens.isoformat()
        self.desk.keys.begin(f"session end {session.opens.isoformat()}")
        self.host.session_ending()

    def _mind_the_stop(self, now: datetime) -> None:
        """Close the day's positions once the schedule's stop has passed, where that was asked for."""
        day = str(clock.trading_date(now))
        if self.run.state != RunState.RUNNING or not self.run.schedule.flattens_at(now):
            return
        if self._state["flattened"] == day:
            return
        if self._state["flattening"] != day and self._is_in_the_market():
            self._state["flattening"] = day
            self._note(RunNoteKind.STATE, "The schedule's stop: everything is being closed.")
        if flatten_step(self.run, actor=self._house).is_done:
            self._state["flattened"] = day
        self._hear()

    def _is_in_the_market(self) -> bool:
        return bool(self.host.holdings.open_symbols()) or working_of(self.run).exists()

    def _mind_the_losses(self) -> None:
        profit = self._profit()
        breach = loss_breach(self.run.limits, RunFigures(net=profit.net, net_day=profit.net_day))
        if breach is None or self.run.state != RunState.RUNNING:
            return
        self._note(RunNoteKind.LIMIT, breach.message)
        self._save(at_once=True)
        run_limit_reached(
            run_id=self.run.id,
            epoch=self.lease.epoch,
            code=breach.code,
            reason=breach.message,
            ends=breach.code == Breach.MAX_LOSS,
        )
        self._hear()

    def _profit(self) -> Profit:
        """What the run has made so far and today, with what is open at the last prices."""
        prices = {symbol: self._last_price(symbol) for symbol in self.host.holdings.open_symbols()}
        net = self.host.holdings.earned(prices)
        day = str(clock.trading_date())
        if self._state["day"] != day:
            before = self._state["day"]
            self._state |= {"day": day, "net_before": str(net if before else Decimal(0))}
        return Profit(net=net, net_day=net - Decimal(self._state["net_before"]))

    def _last_price(self, symbol: str) -> Decimal | None:
        quote = self.desk.quotes.get(symbol)
        return None if quote is None else quote.ltp

    def _log(self, at: datetime, message: str) -> None:
        if len(self._notes) < _MOST_LOG_LINES:
            self._notes.append((RunNoteKind.LOG, message, at))

    def _note(self, kind: RunNoteKind, message: str) -> None:
        self._notes.append((kind, message, clock.now()))

    def _save(self, *, at_once: bool) -> None:
        """Write what is new. `at_once` looks at what the run is worth too, which would be too dear for a tick."""
        ear = self._ear
        if not (at_once or ear.fills or ear.orders or self._notes):
            return
        standing = self._standing_now()
        state = {**self._state, "host": self.host.state()}
        minute = clock.now().replace(second=0, microsecond=0)
        is_worth_it = standing != self._standing and time.monotonic() >= self._next_worth
        has_news = ear.fills or ear.orders or self._notes or state != self._saved
        if not (has_news or is_worth_it or minute != self._marked):
            return
        told_save(
            run_id=self.run.id,
            epoch=self.lease.epoch,
            told=Told(
                state=state,
                standing=standing,
                bars_through=self._through,
                fills=tuple(ear.fills),
                orders=dict(ear.orders),
                notes=tuple(self._notes),
                mark_at=minute if minute != self._marked else None,
            ),
        )
        ear.saved()
        self._notes = []
        self._saved, self._standing, self._marked = state, standing, minute
        self._next_worth = time.monotonic() + _WORTH_SECONDS

    def _standing_now(self) -> Standing:
        profit = self._profit()
        held = len(self.host.holdings.open_symbols())
        return Standing(self.run.capital + profit.net, profit.net, profit.net_day, held)
