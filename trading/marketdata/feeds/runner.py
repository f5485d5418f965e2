"""The feed process: ticks in; quotes, candles and a report of its own health out."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connections

from core import clock
from core.errors import Unavailable
from core.store import STORE_UNAVAILABLE, get_store
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument
from trading.instruments.selectors import market_never_closes, segment_for
from trading.marketdata.domain.candle_builder import CandleBuilder
from trading.marketdata.domain.feed_status import FeedState, FeedStatus
from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickChecker, TickFault
from trading.marketdata.domain.wire import FORMING_HASH, encode_bar
from trading.marketdata.selectors import DayStart, TradingHours, trading_hours
from trading.marketdata.services import feed_status_publish, quote_publish

from .book import QuoteBook
from .candle_writer import CandleWriter
from .listeners import ListenerThread, listeners_from_settings
from .port import Feed, FeedEnded, FrameBroken

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.1
_REPORT_SECONDS = 1.0
_RECONNECT_SECONDS = 2.0
_STORE_RETRY_SECONDS = 0.5
_CANDLE_GRACE = timedelta(seconds=2)


class FeedRunner:
    """Runs one feed on a thread: `start()`, later `stop()`. Fit for a process of its own or for the demo's.

    `records_candles` is False where the ticks come from stored candles: a replay must not rewrite them.
    """

    def __init__(
        self,
        feed: Feed,
        instruments: Sequence[Instrument],
        *,
        day_starts: Mapping[str, DayStart] | None = None,
        listeners: Sequence[ListenerThread] | None = None,
        records_candles: bool = True,
    ) -> None:
        self.feed = feed
        self._segments = {instrument.key: segment_for(instrument) for instrument in instruments}
        self._hours: dict[tuple[Segment, date], tuple[TradingHours, ...]] = {}
        self._checker = TickChecker(self._segments, feed.tolerances)
        self._book = QuoteBook(feed.source, day_starts or {})
        self._builder = CandleBuilder()
        self._writer = CandleWriter({each.key: each.pk for each in instruments}) if records_candles else None
        self._listeners = listeners_from_settings() if listeners is None else list(listeners)
        self._rejected: Counter[str] = Counter()
        self._ticks = 0
        self._state = FeedState.STARTING
        self._detail = ""
        self._started_at = clock.wall_now()
        self._last_tick_at: datetime | None = None
        self._next_flush = self._next_report = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed-{feed.source}", daemon=True)

    def start(self) -> None:
        """Begin on a thread of its own."""
        if self._writer:
            self._writer.start()
        for listener in self._listeners:
            listener.start()
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Flush quotes and candles, then end; waits at most about `timeout` seconds."""
        self._stop.set()
        self.join(timeout)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the feed has ended."""
        self._thread.join(timeout)

    @property
    def is_running(self) -> bool:
        """Whether the feed's thread is alive."""
        return self._thread.is_alive()

    def status(self) -> FeedStatus:
        """The feed's report as of now."""
        return FeedStatus(
            source=self.feed.source,
            state=self._state,
            detail=self._detail,
            instruments=len(self._book),
            started_at=self._started_at,
            reported_at=clock.wall_now(),
            last_tick_at=self._last_tick_at,
            ticks=self._ticks,
            rejected=dict(self._rejected),
        )

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    self._follow()
                    break
                except (Unavailable, DatabaseError) as error:
                    logger.warning("feed not reachable", extra={"source": self.feed.source, "why": str(error)})
                    connections.close_all()
                    self._report(FeedState.DOWN, str(error))
                    self._stop.wait(_RECONNECT_SECONDS)
        except Exception as error:
            self._detail = f"ended by {type(error).__name__}"
            logger.exception("feed ended by an error", extra={"source": self.feed.source})
            raise
        finally:
            self._finish()

    def _follow(self) -> None:
        self.feed.open()
        try:
            while not self._stop.is_set():
                try:
                    self._turn()
                except Unavailable as error:
                    if error.code != STORE_UNAVAILABLE:
                        raise
                    logger.warning("feed waits for the shared store")
                    self._stop.wait(_STORE_RETRY_SECONDS)
        except FeedEnded as ended:
            self._detail = str(ended)

    def _turn(self) -> None:
        """Read what is there; flush and report when it is time."""
        self._read(max(0.001, self._next_flush - time.monotonic()))
        moment = time.monotonic()
        if moment < self._next_flush:
            return
        self._flush()
        self._next_flush = moment + FLUSH_SECONDS
        state = self._judge()
        if state is not self._state or moment >= self._next_report:
            self._drain_candles()
            self._report(state)
            self._next_report = moment + _REPORT_SECONDS

    def _read(self, timeout: float) -> None:
        # Asked before reading: an outage of the store must not cost ticks that are already taken.
        market, always_open = clock.now(), market_never_closes()
        try:
            ticks = self.feed.read(timeout)
        except FrameBroken as error:
            self._rejected[TickFault.BROKEN_FRAME] += 1
            logger.warning("broken feed frame", extra={"source": self.feed.source, "why": str(error)})
            return
        wall = clock.wall_now()
        for tick in ticks:
            self._take(tick, wall, market, always_open)

    def _take(self, tick: Tick, wall: datetime, market: datetime, always_open: bool) -> None:
        self._ticks += 1
        verdict = self._checker.check(tick, market)
        if verdict.fault is not None:
            self._rejected[verdict.fault] += 1
        if verdict.tick is None:
            return
        self._last_tick_at = wall
        if verdict.fault is not TickFault.OUT_OF_ORDER:
            self._book.update(verdict.tick, wall)
        self._add_to_candle(verdict.tick, always_open)

    def _add_to_candle(self, tick: Tick, always_open: bool) -> None:
        hours = None if always_open else self._hours_at(tick)
        if hours is None and not always_open:
            self._rejected[TickFault.OUTSIDE_SESSION] += 1
            return
        opens_at = hours.starts if hours else None
        if not self._builder.add(tick, opens_at=opens_at):
            self._rejected[TickFault.LATE_FOR_CANDLE] += 1

    def _hours_at(self, tick: Tick) -> TradingHours | None:
        """The session a tick belongs to. The calendar is read once a day: a database outage must not stop ticks."""
        on = clock.trading_date(tick.timestamp)
        segment = self._segments[tick.key]
        if (segment, on) not in self._hours:
            self._hours = {known: hours for known, hours in self._hours.items() if known[1] == on}
            self._hours[segment, on] = trading_hours(segment, on)
        return next((each for each in self._hours[segment, on] if each.starts <= tick.timestamp < each.ends), None)

    def _flush(self) -> None:
        changed = self._book.take_changed()
        if not changed:
            return
        try:
            quote_publish(changed)
        except Unavailable:
            # The next flush tells them again: a quote that nobody can read is not published.
            self._book.put_back(changed)
            logger.warning("quotes not published: the shared store does not answer")
            return
        for listener in self._listeners:
            listener.offer(changed)

    def _drain_candles(self) -> None:
        finished = self._builder.drain(clock.now() - _CANDLE_GRACE)
        if self._writer:
            self._writer.put(finished)

    def _judge(self) -> FeedState:
        if not self.feed.expects_ticks():
            return FeedState.QUIET
        silent_since = self._last_tick_at or self._started_at
        if clock.wall_now() - silent_since > settings.FEED_MUTE_AFTER:
            return FeedState.MUTE
        return FeedState.LIVE if self._last_tick_at else FeedState.STARTING

    def _report(self, state: FeedState, detail: str = "") -> None:
        if state is not self._state:
            logger.info("feed state", extra={"source": self.feed.source, "state": state})
        self._state, self._detail = state, detail
        try:
            forming = {key: bar for key in self._segments if (bar := self._builder.forming(key))}
            get_store().hset(FORMING_HASH, {key: encode_bar(bar) for key, bar in forming.items()})
            feed_status_publish(self.status())
        except Unavailable:
            logger.warning("feed report not published: the shared store does not answer")

    def _finish(self) -> None:
        self._flush()
        finished = self._builder.drain()
        if self._writer:
            self._writer.put(finished)
            self._writer.stop(timeout=5.0)
        for listener in self._listeners:
            listener.stop(timeout=2.0)
        try:
            self.feed.close()
        except Unavailable as error:
            logger.warning("feed not closed cleanly", extra={"source": self.feed.source, "why": error.detail})
        self._report(FeedState.STOPPED, self._detail)
        connections.close_all()
