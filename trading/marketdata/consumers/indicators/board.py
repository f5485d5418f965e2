"""All running computations of one event loop, fed by quotes and by stored bars."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError
from prometheus_client import Gauge

from core.clock import now
from core.errors import Unavailable
from core.realtime.bridge import follow_bus
from core.realtime.database import in_database
from core.realtime.protocol import ProtocolError
from trading.instruments.models import Instrument

from ...domain.bars import Interval
from ...domain.indicators.live import LiveSeries, Running, StoredBars, Update
from ...domain.quote import Quote
from ...domain.wire import QUOTES_CHANNEL, decode_quotes
from ...selectors import STORED_AFTER, bars_after, indicator_history
from .request import IndicatorRequest

logger = logging.getLogger(__name__)

RUNNING = Gauge("sauda_indicator_computations", "Running indicator computations.", multiprocess_mode="livesum")

MOST_COMPUTATIONS = 2_000
"""Of one process: each costs a few microseconds for every quote of its symbol."""
_LOOK_SECONDS = 0.25
_AGAIN_SECONDS = 0.5
_RETRY_SECONDS = 3.0
_NET_SECONDS = 30.0
"""Stored bars are looked for so often in any case: a quote that should have told of one may be lost."""
_PATIENCE_SECONDS = 3.0
"""How much longer a stored bar that differs from the quotes' one may take to become final."""
_SECONDS_OF_DAY = 86_400

SeriesKey = tuple[str, Interval, str | None]
"""Instrument, interval, and the instrument that is compared with."""


@dataclass(eq=False, slots=True)
class _Followed:
    """A series, and when its stored bars were looked for last (monotonic)."""

    instrument: Instrument
    interval: Interval
    against: str | None
    live: LiveSeries
    asked_at: float = field(default_factory=time.monotonic)


class IndicatorBoard:
    """Starts computations, feeds them, and drops them. Not thread-safe: it lives on the loop of its sockets.

    Args:
        begun: called with what a computation says first, before anybody follows it.
        tell: called with what changed, after each quote or bar.
    """

    def __init__(
        self, *, begun: Callable[[Iterable[Update]], None], tell: Callable[[Iterable[Update]], None]
    ) -> None:
        self._begun = begun
        self._tell = tell
        self._series: dict[SeriesKey, _Followed] = {}
        self._by_symbol: dict[str, list[_Followed]] = {}
        self._by_comparison: dict[str, list[_Followed]] = {}
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._requests: dict[str, IndicatorRequest] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._unsubscribe = follow_bus(QUOTES_CHANNEL, self._decode, self._on_quotes)

    def __len__(self) -> int:
        return len(self._requests)

    async def start(self, request: IndicatorRequest) -> None:
        """Have the computation run; several callers at once share the reading of its history.

        Raises:
            ProtocolError: `too_many_computations`.
            NotFound: `unknown_symbol` for the instrument that is compared with.
        """
        if request.key in self._requests:
            return
        if len(self._requests) + len(self._starting) >= MOST_COMPUTATIONS:
            raise ProtocolError("too_many_computations", "No more indicators can run here at the moment.")
        task = self._starting.get(request.key)
        if task is None:
            task = self._starting[request.key] = asyncio.get_running_loop().create_task(self._start(request))
            task.add_done_callback(lambda _: self._starting.pop(request.key, None))
        # One caller who goes away must not stop the others' computation.
        await asyncio.shield(task)

    def stop(self, key: str) -> None:
        """Drop a computation that nobody follows any more."""
        request = self._requests.pop(key, None)
        if request is None:
            return
        RUNNING.dec()
        followed = self._series[request.series]
        del followed.live.running[key]
        if not followed.live.running:
            del self._series[request.series]
            _forget(self._by_symbol, followed.instrument.key, followed)
            _forget(self._by_comparison, followed.against, followed)

    def close(self) -> None:
        """Let go of the bus."""
        self._unsubscribe()
        RUNNING.dec(len(self._requests))
        self._requests.clear()

    async def _start(self, request: IndicatorRequest) -> None:
        running, history = await in_database(_begin, request)
        followed = self._series.get(request.series)
        if followed is None:
            seconds = request.interval.seconds if request.interval.seconds < _SECONDS_OF_DAY else None
            followed = _Followed(request.instrument, request.interval, request.against, LiveSeries(seconds))
            self._series[request.series] = followed
            self._by_symbol.setdefault(request.instrument.key, []).append(followed)
            if request.against is not None:
                self._by_comparison.setdefault(request.against, []).append(followed)
        self._requests[request.key] = request
        RUNNING.inc()
        self._begun(followed.live.begin(request.key, running, history))
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.get_running_loop().create_task(self._keep())
            self._keeper.add_done_callback(_log_failure)

    def _decode(self, message: bytes) -> list[Quote] | None:
        """On the thread of the bus: only what somebody follows goes to the loop."""
        if not self._by_symbol:
            return None
        quotes = decode_quotes(message)
        return [each for each in quotes if each.key in self._by_symbol or each.key in self._by_comparison] or None

    def _on_quotes(self, quotes: list[Quote]) -> None:
        for quote in quotes:
            for followed in self._by_comparison.get(quote.key, ()):
                followed.live.compare(float(quote.ltp))
        for quote in quotes:
            for followed in self._by_symbol.get(quote.key, ()):
                self._tell(followed.live.price(quote.timestamp.timestamp(), float(quote.ltp), quote.volume))

    async def _keep(self) -> None:
        """Look for stored bars whenever one is over, for as long as anything runs."""
        while self._series:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                moment = (await in_database(now)).timestamp()
                due = [each for each in self._series.values() if self._is_due(each, moment)]
                await asyncio.gather(*(self._look(followed, moment) for followed in due))
            except (DatabaseError, InterfaceError, Unavailable):
                logger.warning("indicators wait: stored bars cannot be read", exc_info=True)
                await asyncio.sleep(_RETRY_SECONDS)

    @staticmethod
    def _is_due(followed: _Followed, moment: float) -> bool:
        # Quotes that found no bar, as before the open, must not ask four times a second.
        waited = time.monotonic() - followed.asked_at
        over = followed.live.is_over(moment - STORED_AFTER)
        return (
            waited >= _NET_SECONDS
            or (over and waited >= _AGAIN_SECONDS)
            or (followed.live.wants_stored and waited >= _RETRY_SECONDS)
        )

    async def _look(self, followed: _Followed, moment: float) -> None:
        followed.asked_at = time.monotonic()
        stored = await in_database(
            bars_after, followed.instrument, followed.interval, followed.against, followed.live.through
        )
        ends = followed.live.open_bars[0].ends if followed.live.open_bars else moment
        if followed.live.doubts(stored) and moment < ends + STORED_AFTER + _PATIENCE_SECONDS:
            return
        self._tell(followed.live.take(stored))


def _begin(request: IndicatorRequest) -> tuple[Running, StoredBars]:
    """On a database thread, where a first compilation holds nobody up."""
    history = indicator_history(request.indicator, request.parameters, request.instrument, request.interval)
    computation = request.indicator.incremental(**request.parameters)
    return Running.of(request.key, computation, history), history


def _forget(lists: dict[str, list[_Followed]], symbol: str | None, followed: _Followed) -> None:
    if symbol is not None and symbol in lists:
        lists[symbol] = [each for each in lists[symbol] if each is not followed]
        if not lists[symbol]:
            del lists[symbol]


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("the keeper of indicators failed", exc_info=error)
