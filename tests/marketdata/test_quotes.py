from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.bus import get_bus
from core.store import get_store
from tests.marketdata.builders import make_quote
from trading.marketdata.domain.feed_status import FeedState, FeedStatus
from trading.marketdata.domain.wire import QUOTES_CHANNEL, decode_quote, decode_quotes, encode_quote
from trading.marketdata.selectors import feed_status, quote_latest, quotes_latest
from trading.marketdata.services import feed_status_publish, quote_publish


def test_a_quote_survives_the_wire_exactly():
    quote = make_quote("1284.55", bids=(), oi=7)
    assert decode_quote(encode_quote(quote)) == quote


def test_change_is_measured_from_the_previous_close():
    quote = make_quote("101.00", close=Decimal("99.00"))
    assert (quote.change, quote.change_pct) == (Decimal("2.00"), Decimal("2.02"))
    assert (quote.bid, quote.ask_quantity) == (Decimal("100.95"), 20)


def test_staleness_follows_the_wall_clock_so_that_a_fast_replay_is_not_stale():
    quote = make_quote(timestamp=datetime(2016, 8, 22, 4, tzinfo=UTC))
    assert not quote.is_stale(datetime.now(UTC), timedelta(seconds=15))
    assert quote.is_stale(datetime.now(UTC) + timedelta(seconds=16), timedelta(seconds=15))


def test_published_quotes_are_readable_and_told_in_one_message():
    messages: list[bytes] = []
    unsubscribe = get_bus().subscribe(QUOTES_CHANNEL, messages.append)
    one, two = make_quote("100"), make_quote("200", key="NSE:M&M")
    try:
        _wait_until_told(lambda: quote_publish([one, two]), messages)
    finally:
        unsubscribe()
    assert decode_quotes(messages[-1]) == [one, two]
    assert quotes_latest(["NSE:M&M", "NSE:NOBODY", "NSE:RELIANCE"]) == {"NSE:M&M": two, "NSE:RELIANCE": one}
    assert quote_latest("NSE:NOBODY") is None


def _wait_until_told(publish, messages: list[bytes]) -> None:
    """A fresh subscription takes effect a moment later when the bus is Redis."""
    import time

    for _ in range(100):
        publish()
        time.sleep(0.02)
        if messages:
            return


def test_a_feed_that_no_longer_reports_is_down():
    reported = datetime.now(UTC)
    status = FeedStatus(source="test", state=FeedState.LIVE, started_at=reported, reported_at=reported)
    get_store().delete("feeds")
    feed_status_publish(status)
    assert feed_status() == status
    assert status.state_at(reported + timedelta(seconds=2), timedelta(seconds=6)) is FeedState.LIVE
    assert status.state_at(reported + timedelta(seconds=7), timedelta(seconds=6)) is FeedState.DOWN
