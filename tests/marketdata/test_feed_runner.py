import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from core.bus import get_bus
from core.errors import Unavailable
from core.store import STORE_UNAVAILABLE, get_store
from tests.factories import make_instrument
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.feed_status import FeedState
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.marketdata.domain.source_choice import FailoverTerms
from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickTolerances
from trading.marketdata.domain.wire import QUOTES_CHANNEL, decode_quotes
from trading.marketdata.feeds import line as line_module
from trading.marketdata.feeds.listeners import ListenerThread
from trading.marketdata.feeds.port import FrameBroken
from trading.marketdata.feeds.runner import FeedRunner
from trading.marketdata.models import Candle
from trading.marketdata.selectors import DayStart, candles, feed_status, quote_latest
from trading.marketdata.services import quote_publish

pytestmark = pytest.mark.django_db(transaction=True)


class ScriptedFeed:
    """A source that hands over what the test puts in: batches of ticks, or an exception to raise."""

    tolerances = TickTolerances()

    def __init__(self, source: str = "scripted") -> None:
        self.source = source
        self.batches: deque[Sequence[Tick] | Exception] = deque()
        self.in_session = True
        self.opened = 0
        self.resubscribed = 0
        self.closed = False

    def open(self) -> None:
        self.opened += 1

    def resubscribe(self) -> None:
        self.resubscribed += 1

    def read(self, timeout: float) -> Sequence[Tick]:
        if not self.batches:
            time.sleep(min(timeout, 0.01))
            return []
        batch = self.batches.popleft()
        if isinstance(batch, Exception):
            raise batch
        return batch

    def expects_ticks(self) -> bool:
        return self.in_session

    def close(self) -> None:
        self.closed = True


def wait_for(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    """Until it holds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def reported_state() -> FeedState | None:
    status = feed_status("scripted")
    return status.state if status else None


def tick(price: str, *, key: str = "NSE:RELIANCE", **fields: object) -> Tick:
    return Tick(key=key, price=Decimal(price), timestamp=clock.now(), **fields)  # type: ignore[arg-type]


@pytest.fixture
def reliance(settings) -> Instrument:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    get_store().delete("quotes")
    get_store().delete("feeds")
    get_store().delete("candles.forming")
    return make_instrument("NSE:RELIANCE")


@pytest.fixture
def start(reliance) -> Iterator[Callable[..., tuple[ScriptedFeed, FeedRunner]]]:
    running: list[FeedRunner] = []

    def begin(**options: object) -> tuple[ScriptedFeed, FeedRunner]:
        feed = ScriptedFeed()
        runner = FeedRunner(feed, [reliance], **options)  # type: ignore[arg-type]
        running.append(runner)
        runner.start()
        return feed, runner

    yield begin
    for runner in running:
        runner.stop()


def test_ticks_become_the_latest_quote_and_a_stored_candle(start, reliance):
    feed, runner = start(day_starts={"NSE:RELIANCE": DayStart(close=Decimal("99.00"))})
    feed.batches.append([tick("100.00", volume=10), tick("101.00", volume=25, oi=3)])
    wait_for(lambda: quote_latest("NSE:RELIANCE") is not None)
    quote = quote_latest("NSE:RELIANCE")
    assert quote is not None
    prices = (quote.ltp, quote.open, quote.high, quote.low, quote.close)
    assert [int(price) for price in prices] == [101, 100, 101, 100, 99]
    assert (quote.volume, quote.oi, quote.sequence, quote.source) == (25, 3, 2, "scripted")
    runner.stop()
    assert feed.closed
    assert [candle.close for candle in Candle.objects.filter(instrument=reliance)] == [Decimal(101)]
    assert reported_state() is FeedState.STOPPED


def test_the_forming_candle_is_part_of_the_series_before_it_is_stored(start, reliance):
    feed, _ = start()
    feed.batches.append([tick("100.00"), tick("102.00")])
    wait_for(lambda: len(candles(reliance)) == 1)
    assert not Candle.objects.exists()
    day = candles(reliance, Interval.D1)
    assert (day.open.tolist(), day.high.tolist()) == ([1_000_000], [1_020_000])


def test_what_changed_between_two_flushes_is_one_message(start, reliance):
    messages: list[bytes] = []
    unsubscribe = get_bus().subscribe(QUOTES_CHANNEL, messages.append)
    feed, _ = start()
    try:
        for _ in range(200):
            feed.batches.append([tick("100.00"), tick("101.00"), tick("102.00")])
            time.sleep(0.05)
            if messages:
                break
    finally:
        unsubscribe()
    assert [quote.key for quote in decode_quotes(messages[0])] == ["NSE:RELIANCE"]


def test_a_minute_is_told_as_it_ended_before_the_next_one_begins(start):
    """In a fast replay minutes pass between two flushes; how each of them ended is told all the same."""
    told: list[Quote] = []
    turn = clock.now().replace(second=0, microsecond=0)
    moments = [
        turn - timedelta(seconds=20),
        turn - timedelta(milliseconds=5),
        turn,
        turn + timedelta(microseconds=1),
    ]
    unsubscribe = get_bus().subscribe(QUOTES_CHANNEL, lambda message: told.extend(decode_quotes(message)))
    feed, _ = start()
    try:
        feed.batches.append(
            [replace(tick(f"{100 + place}.00"), timestamp=moment) for place, moment in enumerate(moments)]
        )
        wait_for(lambda: len(told) >= 2)
    finally:
        unsubscribe()
    assert [int(quote.ltp) for quote in told[-2:]] == [101, 103]


def test_a_broken_frame_and_a_bad_tick_are_counted_and_survived(start):
    feed, runner = start()
    feed.batches.extend([FrameBroken("garbage"), [tick("NaN"), tick("1", key="NSE:NOBODY")], [tick("100.00")]])
    wait_for(lambda: quote_latest("NSE:RELIANCE") is not None)
    assert runner.status().rejected == {"broken_frame": 1, "bad_number": 1, "unknown_instrument": 1}


def test_a_mute_feed_is_noticed_and_a_quiet_one_is_not_called_mute(start, settings):
    settings.FEED_MUTE_AFTER = timedelta(seconds=0.5)
    feed, runner = start()
    feed.batches.append([tick("100.00")])
    wait_for(lambda: runner.status().state is FeedState.LIVE)
    wait_for(lambda: reported_state() is FeedState.MUTE, seconds=4)
    feed.in_session = False
    wait_for(lambda: reported_state() is FeedState.QUIET, seconds=4)


def test_a_mute_feed_is_asked_again_then_connected_anew_and_says_so(start, settings, monkeypatch):
    settings.FEED_MUTE_AFTER = timedelta(seconds=0.2)
    monkeypatch.setattr(line_module, "RETRY_BASE_SECONDS", 0.02)
    monkeypatch.setattr(line_module, "RETRY_CAP_SECONDS", 0.1)
    feed, runner = start()
    feed.batches.append([tick("100.00")])
    wait_for(lambda: feed.opened >= 2)
    status = runner.status()
    assert feed.resubscribed >= 2
    assert (status.state, status.resubscriptions >= 2, status.reconnections >= 1) == (FeedState.MUTE, True, True)
    assert status.attempts >= 3
    assert status.next_attempt_at is not None
    feed.batches.append([tick("101.00")])
    wait_for(lambda: runner.status().state is FeedState.LIVE)
    assert (runner.status().attempts, runner.status().next_attempt_at) == (0, None)


def test_a_source_that_says_only_garbage_counts_as_mute(start, settings):
    settings.FEED_MUTE_AFTER = timedelta(seconds=0.3)
    feed, runner = start()
    feed.batches.extend([tick("NaN")] for _ in range(500))
    wait_for(lambda: runner.status().state is FeedState.MUTE)


def test_when_the_better_feed_falls_mute_the_other_takes_over_and_later_gives_back(reliance, settings):
    settings.FEED_MUTE_AFTER = timedelta(seconds=0.3)
    best, spare = ScriptedFeed("best"), ScriptedFeed("spare")
    runner = FeedRunner([best, spare], [reliance], listeners=[], failover=FailoverTerms(steady_for=0.5))
    runner.start()
    volume = iter(range(100, 100_000, 10))

    def speak(*feeds: ScriptedFeed) -> str:
        now, counted = clock.now(), next(volume)
        for feed in feeds:
            feed.batches.append([Tick(key="NSE:RELIANCE", price=Decimal(100), timestamp=now, volume=counted)])
        time.sleep(0.02)
        quote = quote_latest("NSE:RELIANCE")
        return quote.source if quote else ""

    try:
        wait_for(lambda: speak(best, spare) == "best")
        wait_for(lambda: speak(spare) == "spare")
        told = {status.source: status for status in runner.statuses()}
        assert (told["best"].state, told["best"].leads) == (FeedState.MUTE, 0)
        assert (told["spare"].priority, told["spare"].leads, told["spare"].takeovers) == (1, 1, 1)
        assert feed_status().source == "spare", "the healthy one speaks for the feeds"
        wait_for(lambda: speak(best, spare) == "best")
        last = next(volume) - 10
    finally:
        runner.stop()
    assert quote_latest("NSE:RELIANCE").volume == last
    stored = Candle.objects.filter(instrument=reliance)
    assert sum(candle.volume for candle in stored) == last - 100, "nothing is counted twice"
    assert {feed.closed for feed in (best, spare)} == {True}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_feed_that_dies_of_an_error_leaves_the_other_running(reliance):
    broken, sound = ScriptedFeed("broken"), ScriptedFeed("sound")
    runner = FeedRunner([broken, sound], [reliance], listeners=[])
    runner.start()
    try:
        broken.batches.append(ArithmeticError("a bug in an adapter"))
        wait_for(lambda: runner.statuses()[0].state is FeedState.STOPPED)
        sound.batches.append([tick("100.00")])
        wait_for(lambda: (quote := quote_latest("NSE:RELIANCE")) is not None and quote.source == "sound")
    finally:
        runner.stop()
    assert runner.statuses()[0].detail == "ended by ArithmeticError"


def test_an_unreachable_source_is_tried_again(start, monkeypatch):
    monkeypatch.setattr(line_module, "RETRY_BASE_SECONDS", 0.05)
    feed, runner = start()
    feed.batches.extend([Unavailable("the socket closed"), [tick("100.00")]])
    wait_for(lambda: quote_latest("NSE:RELIANCE") is not None)
    assert feed.opened == 2
    assert runner.is_running


def test_a_store_outage_delays_quotes_and_loses_none(start, monkeypatch):
    failures = iter([Unavailable("down"), Unavailable("down")])

    def flaky(quotes: Sequence[Quote]) -> None:
        for failure in failures:
            raise failure
        quote_publish(quotes)

    monkeypatch.setattr("trading.marketdata.feeds.runner.quote_publish", flaky)
    feed, _ = start()
    feed.batches.append([tick("100.00", bids=(DepthLevel(Decimal("99.95"), 5),))])
    wait_for(lambda: quote_latest("NSE:RELIANCE") is not None)


def test_ticks_wait_while_the_store_does_not_tell_the_time(start, monkeypatch):
    working = clock.now
    failures = iter([Unavailable("down", code=STORE_UNAVAILABLE)] * 2)

    def flaky_now():
        for failure in failures:
            raise failure
        return working()

    feed, runner = start()
    arrived = tick("100.00")
    monkeypatch.setattr(clock, "now", flaky_now)
    feed.batches.append([arrived])
    wait_for(lambda: quote_latest("NSE:RELIANCE") is not None)
    assert feed.opened == 1
    assert runner.status().ticks == 1


def test_a_slow_listener_sees_the_latest_values_and_a_failing_one_goes_on(start):
    seen: list[Decimal] = []
    release = threading.Event()

    class Slow:
        def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
            seen.append(quotes["NSE:RELIANCE"].ltp)
            if len(seen) == 1:
                release.wait(5)
                raise RuntimeError("a bug in a listener")

    feed, _ = start(listeners=[ListenerThread(Slow())])
    feed.batches.append([tick("100.00")])
    wait_for(lambda: len(seen) == 1)
    for price in ("101.00", "102.00", "103.00"):
        feed.batches.append([tick(price)])
        time.sleep(0.15)
    release.set()
    wait_for(lambda: len(seen) == 2)
    assert seen == [Decimal("100.00"), Decimal("103.00")]
