"""One source on a thread of its own: read, check, count, and wake it when it falls mute."""

import logging
import statistics
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connections

from core import clock
from core.errors import Unavailable
from core.store import STORE_UNAVAILABLE
from trading.instruments.selectors import market_never_closes
from trading.marketdata.domain.backoff import FullJitter
from trading.marketdata.domain.feed_status import FeedState, FeedStatus
from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickChecker, TickFault, Verdict

from .port import Feed, FeedEnded, FrameBroken
from .recording.recorder import TickRecorder

logger = logging.getLogger(__name__)

RETRY_BASE_SECONDS = 1.0
RETRY_CAP_SECONDS = 30.0
_READ_SECONDS = 0.1
_STORE_RETRY_SECONDS = 0.5
# A source that stays mute when asked again is connected anew at every so-manieth attempt.
_ATTEMPTS_PER_RECONNECTION = 3
_LAGS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reading brought: verdicts with a usable tick, and when (wall) they were received.

    `always_open` is whether no session bounded the market at that moment.
    """

    line: int
    verdicts: list[Verdict]
    received_at: datetime
    always_open: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """A source went away or fell mute: others should step in."""

    line: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A source has said all that it ever will, or its thread has ended for another reason."""

    line: int


Message = Batch | Silence | Ended


class FeedLine:
    """Runs one feed and hands what it accepts to `deliver`, which may block to slow it down."""

    def __init__(
        self,
        feed: Feed,
        keys: Iterable[str],
        *,
        number: int,
        deliver: Callable[[Message], None],
        recorder: TickRecorder | None = None,
    ) -> None:
        self.feed = feed
        self.number = number
        self.state = FeedState.STARTING
        self.rejected: Counter[str] = Counter()
        self._checker = TickChecker(keys, feed.tolerances)
        self._deliver = deliver
        self._recorder = recorder
        self._detail = ""
        self._ticks = 0
        self._told: set[str] = set()
        self._lags: deque[float] = deque(maxlen=_LAGS_KEPT)
        self._started_at = clock.wall_now()
        self._last_tick_at: datetime | None = None
        self._heard_or_opened_at = self._started_at
        self._backoff = FullJitter(base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS)
        self._next_attempt_at: datetime | None = None
        self._resubscriptions = self._reconnections = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed-{feed.source}", daemon=True)

    def start(self) -> None:
        """Begin on a thread of its own."""
        if self._recorder:
            self._recorder.start()
        self._thread.start()

    def ask_to_stop(self) -> None:
        """End soon; `join` waits for it."""
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended."""
        self._thread.join(timeout)

    def close(self) -> None:
        """Let go of the source; called when what it told has been dealt with."""
        if self._recorder:
            self._recorder.stop(timeout=5.0)
        try:
            self.feed.close()
        except Unavailable as error:
            logger.warning("feed not closed cleanly", extra={"source": self.feed.source, "why": error.detail})

    def status(self, *, leads: int, takeovers: int) -> FeedStatus:
        """The source's report as of now."""
        return FeedStatus(
            source=self.feed.source,
            state=self.state,
            detail=self._detail,
            instruments=len(self._told),
            priority=self.number,
            leads=leads,
            takeovers=takeovers,
            lag_seconds=round(statistics.median(list(self._lags)), 3) if self._lags else None,
            resubscriptions=self._resubscriptions,
            reconnections=self._reconnections,
            attempts=self._backoff.attempts,
            next_attempt_at=self._next_attempt_at,
            recorded=self._recorder.recorded if self._recorder else 0,
            recorder_fault=self._recorder.fault if self._recorder else "",
            started_at=self._started_at,
            reported_at=clock.wall_now(),
            last_tick_at=self._last_tick_at,
            ticks=self._ticks,
            rejected=dict(self.rejected),
        )

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    self._follow()
                    break
                except (Unavailable, DatabaseError) as error:
                    self._go_down(error)
        except Exception as error:
            self._detail = f"ended by {type(error).__name__}"
            logger.exception("feed ended by an error", extra={"source": self.feed.source})
            raise
        finally:
            self.state = FeedState.STOPPED
            self._deliver(Ended(self.number))
            connections.close_all()

    def _follow(self) -> None:
        self.feed.open()
        self._heard_or_opened_at = clock.wall_now()
        self._change(FeedState.STARTING)
        try:
            while not self._stop.is_set():
                try:
                    self._read()
                    self._judge()
                except Unavailable as error:
                    if error.code != STORE_UNAVAILABLE:
                        raise
                    logger.warning("feed waits for the shared store")
                    self._stop.wait(_STORE_RETRY_SECONDS)
        except FeedEnded as ended:
            self._detail = str(ended)

    def _go_down(self, error: Exception) -> None:
        """The source cannot be reached: tell the others, and wait before the next attempt."""
        logger.warning("feed not reachable", extra={"source": self.feed.source, "why": str(error)})
        connections.close_all()
        self._change(FeedState.DOWN, str(error))
        self._reconnections += 1
        delay = self._backoff.next_delay()
        self._next_attempt_at = clock.wall_now() + timedelta(seconds=delay)
        self._stop.wait(delay)

    def _read(self) -> None:
        # Asked before reading: an outage of the store must not cost ticks that are already taken.
        market, always_open = clock.now(), market_never_closes()
        try:
            ticks = self.feed.read(_READ_SECONDS)
        except FrameBroken as error:
            self.rejected[TickFault.BROKEN_FRAME] += 1
            logger.warning("broken feed frame", extra={"source": self.feed.source, "why": str(error)})
            if self._recorder:
                self._recorder.put(market, error)
            return
        if not ticks:
            return
        if self._recorder:
            self._recorder.put(market, ticks)
        wall = clock.wall_now()
        verdicts = [verdict for tick in ticks if (verdict := self._check(tick, market)).tick is not None]
        if verdicts:
            self._last_tick_at = self._heard_or_opened_at = wall
            self._deliver(Batch(self.number, verdicts, wall, always_open))

    def _check(self, tick: Tick, market: datetime) -> Verdict:
        self._ticks += 1
        verdict = self._checker.check(tick, market)
        if verdict.fault is not None:
            self.rejected[verdict.fault] += 1
        if verdict.tick is not None:
            self._told.add(tick.key)
            self._lags.append((market - (tick.sent_at or tick.timestamp)).total_seconds())
        return verdict

    def _judge(self) -> None:
        if not self.feed.expects_ticks():
            self._heard_or_opened_at = clock.wall_now()
            self._wake_up(FeedState.QUIET)
        elif clock.wall_now() - self._heard_or_opened_at <= settings.FEED_MUTE_AFTER:
            if self._last_tick_at == self._heard_or_opened_at:
                self._wake_up(FeedState.LIVE)
        else:
            self._change(FeedState.MUTE)
            self._try_to_wake()

    def _wake_up(self, state: FeedState) -> None:
        """It speaks, or is right to be silent."""
        self._backoff.reset()
        self._next_attempt_at = None
        self._change(state)

    def _try_to_wake(self) -> None:
        now = clock.wall_now()
        if self._next_attempt_at is not None and now >= self._next_attempt_at:
            if self._backoff.attempts % _ATTEMPTS_PER_RECONNECTION == 0:
                self._reconnections += 1
                self.feed.open()
            else:
                self._resubscriptions += 1
                self.feed.resubscribe()
            logger.warning("asked a mute feed again", extra={"source": self.feed.source})
            self._next_attempt_at = None
        if self._next_attempt_at is None:
            self._next_attempt_at = now + timedelta(seconds=self._backoff.next_delay())

    def _change(self, state: FeedState, detail: str = "") -> None:
        was, self.state, self._detail = self.state, state, detail
        if state is was:
            return
        logger.info("feed state", extra={"source": self.feed.source, "state": state})
        if state in (FeedState.MUTE, FeedState.DOWN):
            self._deliver(Silence(self.number))
