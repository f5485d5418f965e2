from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.errors import InvalidInput, NotFound
from tests.factories import make_instrument
from tests.marketdata.builders import OPENING
from tests.marketdata.test_import_candles import HEADER, write
from trading.marketdata.domain.bars import scale_price
from trading.marketdata.domain.candle_builder import CandleBuilder
from trading.marketdata.domain.feed_status import FeedState
from trading.marketdata.domain.minute_ticks import MinuteBar, minute_ticks
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.feeds.upstox import upstox_recorded_ticks
from trading.marketdata.imports import candle_file_import
from trading.marketdata.selectors import feed_status, quote_latest

DAY = date(2016, 8, 22)


@st.composite
def minute_bars(draw: st.DrawFn) -> MinuteBar:
    low, high = sorted((draw(st.integers(100, 3_000)), draw(st.integers(100, 3_000))))
    inside = st.integers(low, high)
    return MinuteBar(
        key="NSE:RELIANCE",
        start=int(OPENING.timestamp()),
        open=draw(inside) * 500,
        high=high * 500,
        low=low * 500,
        close=draw(inside) * 500,
        volume=draw(st.integers(0, 1_000_000)),
        oi=0,
        volume_before=draw(st.integers(0, 1_000)),
        tick=500,
        lot=1,
        has_book=True,
    )


@given(minute_bars(), st.integers(4, 30))
def test_a_replayed_minute_makes_the_candle_it_came_from(bar, steps):
    builder = CandleBuilder()
    ticks = list(minute_ticks(bar, steps))
    for tick in ticks:
        builder.add(tick, opens_at=OPENING)
    (built,) = builder.drain()
    assert (built.open, built.high, built.low, built.close) == (bar.open, bar.high, bar.low, bar.close)
    assert built.volume == bar.volume_before + bar.volume
    assert len(ticks) == steps


@given(minute_bars(), st.integers(4, 30))
def test_every_level_of_a_replayed_minute_lies_within_its_range_and_no_book_is_crossed(bar, steps):
    for tick in minute_ticks(bar, steps):
        prices = [scale_price(level.price) for level in tick.bids + tick.asks]
        assert all(bar.low <= price <= bar.high for price in prices)
        assert prices, "somebody always offers or bids"
        assert all(level.quantity > 0 for level in tick.bids + tick.asks)
        if tick.bids and tick.asks:
            assert tick.bids[0].price < tick.asks[0].price


@pytest.fixture
def replayed_day(tmp_path: Path) -> Iterator[None]:
    make_instrument("NSE:RELIANCE")
    rows = [f"RELIANCE,2016-08-22 09:{15 + n}:00,{100 + n},{102 + n},{99 + n},{101 + n},60\n" for n in range(5)]
    before = "RELIANCE,2016-08-19 15:29:00,98,98,97,97.5,10\n"
    candle_file_import(write(tmp_path / "r.csv", HEADER + before + "".join(rows)))
    yield
    clock.clear_virtual()


@pytest.mark.django_db(transaction=True)
def test_a_replay_moves_the_market_clock_and_ends_with_the_days_last_price(replayed_day):
    runner = candle_replay_runner(on=DAY, speed=20_000, exit_at_end=True)
    runner.start()
    runner.join(timeout=20)
    assert not runner.is_running
    quote = quote_latest("NSE:RELIANCE")
    assert quote is not None
    assert [str(price) for price in (quote.ltp, quote.open, quote.high, quote.low, quote.close)] == [
        "105.00", "100.00", "106.00", "99.00", "97.50",
    ]  # fmt: skip
    assert (quote.volume, quote.source) == (300, "replay")
    assert OPENING + timedelta(minutes=4) <= quote.timestamp < OPENING + timedelta(minutes=5)
    assert clock.state() is None, "market time is the wall's again"
    status = feed_status("replay")
    assert status is not None
    assert (status.state, status.ticks, status.rejected) == (FeedState.STOPPED, 60, {})


@pytest.mark.django_db
def test_a_day_without_candles_and_an_impossible_speed_are_refused(replayed_day):
    with pytest.raises(NotFound, match="import them first"):
        candle_replay_runner(on=date(2016, 8, 23))
    with pytest.raises(InvalidInput):
        candle_replay_runner(on=DAY, speed=0)


def test_a_recording_keeps_its_order_and_a_broken_line_is_a_broken_frame(tmp_path):
    def line(ltt: int, ltp: str) -> str:
        return (
            f'{{"fullFeed":{{"marketFF":{{"ltpc":{{"ltp":{ltp},"ltt":"{ltt}","cp":99.5}},"marketLevel":{{"bidAskQuote":'
            '[{"bidQ":"142","bidP":99.9,"askQ":"31","askP":100.05}]},"vtt":"7","oi":12.0}},'
            '"instrumentKey":"NSE_EQ|X"}'
        )

    path = tmp_path / "NSE_EQ_X_20160822.jsonl"
    path.write_text("\n".join([line(2_000, "100.1"), "{broken", line(1_000, "100.2"), line(3_000, "NaN")]))
    frames = list(upstox_recorded_ticks([path], {"NSE_EQ|X": "NSE:X"}))
    assert [type(frame).__name__ for _, frame in frames] == ["Tick", "FrameBroken", "Tick", "FrameBroken"]
    assert [due.timestamp() for due, _ in frames] == [2, 2, 2, 2]
    tick = frames[0][1]
    assert (str(tick.price), tick.volume, tick.oi, str(tick.asks[0].price)) == ("100.1", 7, 12, "100.05")  # type: ignore[union-attr]
