"""The feed process: ticks of one or several sources in; quotes, candles and a report of its own health out."""

import logging
import queue
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections

from core import clock
from core.errors import Unavailable
from core.store import get_store
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for
from trading.marketdata.domain.candle_builder import CandleBuilder
from trading.marketdata.domain.feed_status import FeedState, FeedStatus
from trading.marketdata.domain.source_choice import Choice, FailoverTerms, SourceChoice
from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickFault, Verdict
from trading.marketdata.domain.wire import FORMING_HASH, encode_bar
from trading.marketdata.selectors import DayStart, TradingHours, trading_hours
from trading.marketdata.services import feed_status_publish, quote_publish

from .book import QuoteBook
from .candle_writer import CandleWriter
from .forming import FormingBars
from .line import Batch, Ended, FeedLine, Message, Silence
from .listeners import ListenerThread, listeners_from_settings
from .port import Feed
from .recording.recorder import TickRecorder

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.1
_REPORT_SECONDS = 1.0
_RETRY_SECONDS = 0.5
_CANDLE_GRACE = timedelta(seconds=2)
# What may wait between the sources' threads and this one; then a source is made to wait too.
_MOST_WAITING = 256


class FeedRunner:
    """Runs feeds on threads: `start()`, later `stop()`. Fit for a process of its own or for the demo's.

    With several feeds, the first that is given is preferred and the others stand by (`domain/source_choice.py`).
    `records_candles` is False where the ticks come from stored candles: a replay must not rewrite them.
    `record_to` is the directory in which everything that the feeds say is kept.
    """

    def __init__(
        self,
        feed: Feed | Sequence[Feed],
        instruments: Sequence[Instrument],
        *,
        day_starts: Mapping[str, DayStart] | None = None,
        listeners: Sequence[ListenerThread] | None = None,
        records_candles: bool = True,
        failover: FailoverTerms | None = None,
        record_to: Path | None = None,
    ) -> None:
        feeds = list(feed) if isinstance(feed, Sequence) else [feed]
        self.feed = feeds[0]
        self._segments = {instrument.key: segment_for(instrument) for instrument in instruments}
        self._hours: dict[tuple[Segment, date], tuple[TradingHours, ...]] = {}
        self._messages: queue.Queue[Message] = queue.Queue(_MOST_WAITING)
        self._lines = [
            FeedLine(
                each,
                self._segments,
                number=number,
                deliver=self._messages.put,
                recorder=_recorder(record_to, each.source, self._segments),
            )
            for number, each in enumerate(feeds)
        ]
        self._choice = SourceChoice(len(feeds), failover)
        self._book = QuoteBook(day_starts or {})
        self._builder = CandleBuilder()
        self._forming = FormingBars(self._builder)
        self._writer = CandleWriter({each.key: each.pk for each in instruments}) if records_candles else None
        self._listeners = listeners_from_settings() if listeners is None else list(listeners)
        self._reported = [FeedState.STARTING] * len(feeds)
        self._running = len(feeds)
        self._always_open = False
        self._stop = threading.Event()
        self._next_flush = self._next_report = 0.0
        self._minute = datetime.min.replace(tzinfo=UTC)
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def start(self) -> None:
        """Begin on threads of their own."""
        if self._writer:
            self._writer.start()
        for listener in self._listeners:
            listener.start()
        for line in self._lines:
            line.start()
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Flush quotes and candles, then end; waits at most about `timeout` seconds."""
        self._stop.set()
        for line in self._lines:
            line.ask_to_stop()
        self.join(timeout)

    def join(self, timeout: float | None = None) -> None:
        """Wait until every feed has ended and what it told is flushed."""
        self._thread.join(timeout)

    @property
    def is_running(self) -> bool:
        """Whether any feed still runs, or is being flushed."""
        return self._thread.is_alive()

    def statuses(self) -> list[FeedStatus]:
        """Each feed's report as of now, the preferred first."""
        leads = self._choice.leads() if len(self._lines) > 1 else [len(self._book)]
        taken_over = self._choice.taken_over
        return [line.status(leads=leads[line.number], takeovers=taken_over[line.number]) for line in self._lines]

    def status(self) -> FeedStatus:
        """The report of the preferred feed."""
        return self.statuses()[0]

    def _run(self) -> None:
        try:
            while self._running or not self._messages.empty():
                self._turn()
        except Exception:
            logger.exception("the feed process ended by an error")
            raise
        finally:
            self._finish()

    def _turn(self) -> None:
        """Take what is there; flush and report when it is time."""
        self._receive()
        moment = time.monotonic()
        if moment < self._next_flush:
            return
        for choice in self._choice.due(moment):
            self._publish(choice)
        self._flush()
        self._next_flush = moment + FLUSH_SECONDS
        if moment >= self._next_report or self._reported != [line.state for line in self._lines]:
            self._report()
            self._next_report = moment + _REPORT_SECONDS

    def _receive(self) -> None:
        try:
            message = self._messages.get(timeout=max(0.001, self._next_flush - time.monotonic()))
        except queue.Empty:
            return
        match message:
            case Batch(line, verdicts, received_at, always_open):
                self._always_open = always_open
                for verdict in verdicts:
                    self._take(line, verdict, received_at)
            case Silence(line):
                self._hand_over(line)
            case Ended(line):
                self._running -= 1
                self._hand_over(line)

    def _take(self, number: int, verdict: Verdict, received_at: datetime) -> None:
        tick = verdict.tick
        assert tick is not None
        if verdict.fault is TickFault.OUT_OF_ORDER:
            if self._choice.is_lead(number, tick.key):
                self._add_to_candle(self._lines[number], tick)
            return
        offered = Choice(number, tick, received_at, verdict.is_old_trade)
        choice = self._choice.take(offered, time.monotonic())
        if choice is not None:
            self._publish(choice)

    def _hand_over(self, number: int) -> None:
        for choice in self._choice.lost(number, time.monotonic()):
            self._publish(choice)

    def _publish(self, choice: Choice) -> None:
        line = self._lines[choice.source]
        self._turn_minute(choice.tick.timestamp)
        if self._book.is_behind(choice.tick):
            line.rejected[TickFault.BEHIND] += 1
        else:
            self._book.update(choice.tick, choice.received_at, line.feed.source)
        if not choice.is_old_trade:
            self._add_to_candle(line, choice.tick)

    def _turn_minute(self, at: datetime) -> None:
        """Tell how a minute ended before the first tick of the next one, however fast the market's clock runs."""
        minute = at.replace(second=0, microsecond=0)
        if minute > self._minute:
            self._minute = minute
            self._flush()

    def _add_to_candle(self, line: FeedLine, tick: Tick) -> None:
        hours = None if self._always_open else self._hours_at(tick)
        if hours is None and not self._always_open:
            line.rejected[TickFault.OUTSIDE_SESSION] += 1
            return
        opens_at = hours.starts if hours else None
        if not self._builder.add(tick, opens_at=opens_at):
            line.rejected[TickFault.LATE_FOR_CANDLE] += 1

    def _hours_at(self, tick: Tick) -> TradingHours | None:
        """The session a tick belongs to. The calendar is read once a day: a database outage must not stop ticks."""
        on = clock.trading_date(tick.timestamp)
        segment = self._segments[tick.key]
        while (segment, on) not in self._hours and not self._stop.is_set():
            self._hours = {known: hours for known, hours in self._hours.items() if known[1] == on}
            try:
                self._hours[segment, on] = trading_hours(segment, on)
            except DatabaseError:
                logger.warning("feeds wait for the database: the day's session is not known yet", exc_info=True)
                connections.close_all()
                self._stop.wait(_RETRY_SECONDS)
        hours = self._hours.get((segment, on), ())
        return next((each for each in hours if each.starts <= tick.timestamp < each.ends), None)

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
        self._forming.changed(quote.key for quote in changed)
        self._forming.publish(time.monotonic())
        for listener in self._listeners:
            listener.offer(changed)

    def _report(self) -> None:
        """Hand finished candles on, and tell the store how each feed is and which candles are forming."""
        self._reported = [line.state for line in self._lines]
        try:
            finished = self._builder.drain(clock.now() - _CANDLE_GRACE)
            self._forming.publish(time.monotonic(), finished)
            if self._writer:
                self._writer.put(finished)
            forming = {key: bar for key in self._segments if (bar := self._builder.forming(key))}
            get_store().hset(FORMING_HASH, {key: encode_bar(bar) for key, bar in forming.items()})
            for status in self.statuses():
                feed_status_publish(status)
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
        for line in self._lines:
            line.close()
        self._report()
        connections.close_all()


def _recorder(directory: Path | None, source: str, keys: Iterable[str]) -> TickRecorder | None:
    if directory is None:
        return None
    return TickRecorder(directory, source, keys, keep_days=settings.RECORDING_KEEP_DAYS)
