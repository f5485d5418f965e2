"""Messages in the shape of Upstox's V3 feed, made up here; the real recordings are in test_recorded.py."""

import gzip
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.marketdata.feeds.port import FrameBroken
from trading.marketdata.feeds.upstox import UpstoxMessages, upstox_recorded_ticks

TOKEN = "NSE_FO|60166"
MESSAGES = UpstoxMessages({TOKEN: "NFO:NIFTY"})
TRADE = {"ltp": 219.35, "ltt": "1765771373617", "ltq": "75", "cp": 494.05}
FULL = {
    "ltpc": TRADE,
    "marketLevel": {"bidAskQuote": [{"bidQ": "70", "bidP": 219.3, "askQ": "315", "askP": 219.45}, {"bidQ": "5"}]},
    "optionGreeks": {"delta": 0.3},
    "marketOHLC": {
        "ohlc": [
            {"interval": "1d", "open": 210, "high": 230.5, "low": 200, "close": 219.35, "vol": "9", "ts": "1"},
            {"interval": "I1", "open": 1, "high": 1, "low": 1, "close": 1, "vol": "1", "ts": "1"},
        ]
    },
    "vtt": "510160",
    "oi": 1565935.0,
}


def response(feed: dict[str, Any], token: str = TOKEN) -> bytes:
    return json.dumps({"type": "live_feed", "feeds": {token: feed}, "currentTs": "1765771374000"}).encode()


def test_a_full_message_gives_price_book_counters_and_the_day():
    (tick,) = MESSAGES.ticks(response({"fullFeed": {"marketFF": FULL}, "requestMode": "full_d5"}))
    assert (tick.key, str(tick.price), tick.volume, tick.oi) == ("NFO:NIFTY", "219.35", 510160, 1565935)
    assert [(str(level.price), level.quantity) for level in tick.bids + tick.asks] == [
        ("219.3", 70),
        ("219.45", 315),
    ]
    assert [str(price) for price in (tick.open, tick.high, tick.low, tick.close)] == [
        "210",
        "230.5",
        "200",
        "494.05",
    ]
    assert (tick.timestamp.timestamp(), tick.sent_at.timestamp()) == (1765771373.617, 1765771374)


def test_the_other_modes_say_less():
    (last,) = MESSAGES.ticks(response({"ltpc": TRADE}))
    assert (str(last.price), last.volume, last.bids) == ("219.35", None, ())
    level = {"bidQ": "1", "bidP": 219.3, "askQ": "2", "askP": 219.4}
    (first,) = MESSAGES.ticks(
        response({"firstLevelWithGreeks": {"ltpc": TRADE, "firstDepth": level, "vtt": "7", "oi": 2}})
    )
    assert (first.volume, first.oi, len(first.bids), len(first.asks)) == (7, 2, 1, 1)
    (index,) = MESSAGES.ticks(response({"fullFeed": {"indexFF": {"ltpc": TRADE, "marketOHLC": {}}}}))
    assert (str(index.price), index.volume, index.oi) == ("219.35", None, None)


def test_a_message_about_the_market_has_no_ticks_and_a_strange_token_stays_itself():
    assert MESSAGES.ticks(b'{"type":"market_info","currentTs":"1","marketInfo":{"segmentStatus":{}}}') == []
    (tick,) = MESSAGES.ticks(response({"ltpc": TRADE}, token="NSE_EQ|WHO"))
    assert tick.key == "NSE_EQ|WHO"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        response({}),
        response({"ltpc": {"ltp": "abc", "ltt": "1"}}),
        response({"ltpc": {"ltp": 1.0, "ltt": "99999999999999999999"}}),
        response({"ltpc": {"ltp": 1.0}}),
        response({"fullFeed": {"marketFF": {**FULL, "oi": float("nan")}}}),
        response({"fullFeed": {"marketFF": {**FULL, "vtt": "many"}}}),
    ],
)
def test_what_makes_no_sense_is_a_broken_frame(message):
    with pytest.raises(FrameBroken):
        MESSAGES.ticks(message)


@given(st.binary(max_size=200) | st.integers().map(lambda ltt: response({"ltpc": {"ltp": 1, "ltt": str(ltt)}})))
def test_no_message_raises_anything_else(message):
    with suppress(FrameBroken):
        assert isinstance(MESSAGES.ticks(message), list)


def test_a_gzipped_recording_that_was_cut_off_gives_what_is_there(tmp_path):
    line = json.dumps({"fullFeed": {"marketFF": FULL}, "instrumentKey": TOKEN}).encode() + b"\n"
    path = tmp_path / "NSE_FO_60166_20251215.jsonl.gz"
    path.write_bytes(gzip.compress(line * 2_000)[:-40])
    frames = [frame for _, frame in upstox_recorded_ticks([path], {TOKEN: "NFO:NIFTY"})]
    assert isinstance(frames[-1], FrameBroken)
    assert not any(isinstance(frame, FrameBroken) for frame in frames[:-1])


def test_a_line_is_due_when_it_was_recorded(tmp_path):
    lines = [
        {"fullFeed": {"marketFF": FULL}, "instrumentKey": TOKEN, "_insertion_time": "2025-12-15 09:32:58.500000"},
        {"fullFeed": {"marketFF": FULL}, "instrumentKey": TOKEN, "_insertion_time": "yesterday"},
    ]
    path = tmp_path / "NSE_FO_60166_20251215.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    (due, tick), (_, broken) = upstox_recorded_ticks([path], {TOKEN: "NFO:NIFTY"})
    assert due.isoformat() == "2025-12-15T04:02:58.500000+00:00"
    assert tick.sent_at == due
    assert isinstance(broken, FrameBroken)
