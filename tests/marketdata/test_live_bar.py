"""The bar that is kept from changing minutes is the bar that the minutes add up to."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marketdata.builders import OPENING
from trading.marketdata.domain.bars import DAY, IST_OFFSET, BarSeries, Interval, bucket_starts, derive
from trading.marketdata.domain.candle_builder import Bar
from trading.marketdata.domain.live_bar import LiveBar

OPEN = int(OPENING.timestamp())
MIDNIGHT = (OPEN + IST_OFFSET) // DAY * DAY - IST_OFFSET

values = st.tuples(*[st.integers(1, 10**6)] * 4, st.integers(0, 10**6), st.integers(0, 100))


def minute(number: int, content: tuple[int, ...]) -> Bar:
    low, first, last, high = sorted(content[:4])
    return Bar("NSE:X", OPEN + number * 60, first, high, low, last, content[4], content[5])


# Each minute comes a few times with other values; a late one is at most three minutes behind the newest.
updates = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), values), min_size=1, max_size=80)


def _series(minutes: dict[int, Bar]) -> BarSeries:
    rows = [
        (bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.oi)
        for _, bar in sorted(minutes.items())
    ]
    return BarSeries.from_columns(np.array(rows, dtype=np.int64))


@given(updates, st.sampled_from([each for each in Interval if each is not Interval.W1]))
def test_it_equals_the_derived_bar_after_every_update(changes: list[Any], interval: Interval) -> None:
    start = MIDNIGHT if interval is Interval.D1 else OPEN
    live = LiveBar.begin("NSE:X", interval, opens=(OPEN,), start=start, now=OPEN, earlier=BarSeries.empty())
    minutes: dict[int, Bar] = {}
    newest = 0
    for ahead, late, content in changes:
        newest += ahead
        bar = minute(max(0, newest - late), content)
        minutes[bar.start] = bar
        newest_bar = bucket_starts(np.array([OPEN + newest * 60]), interval, np.array([OPEN]))[0]
        taken = live.take(bar)
        series = _series(minutes)
        expected = derive(series, interval, np.full(len(series), OPEN)).tail(1).columns()[0].tolist()
        if live.start == newest_bar:
            kept = live.bar
            assert kept is not None
            assert [kept.start, kept.open, kept.high, kept.low, kept.close, kept.volume, kept.oi] == expected
        assert taken or bar.start < live.start


def test_it_begins_with_what_is_stored_and_goes_on() -> None:
    stored = _series(
        {bar.start: bar for bar in (minute(n, (100 + n, 100 + n, 90, 110 + n, 10, n)) for n in range(12))}
    )
    live = LiveBar.begin("NSE:X", Interval.M15, opens=(OPEN,), start=OPEN, now=OPEN + 720, earlier=stored)
    assert live.take(minute(12, (200, 200, 200, 200, 5, 7)))
    bar = live.bar
    assert bar is not None
    assert (bar.start, bar.high, bar.low, bar.close, bar.volume, bar.oi) == (OPEN, 200, 90, 200, 125, 7)


def test_it_says_when_minutes_are_missing() -> None:
    live = LiveBar.begin("NSE:X", Interval.H1, opens=(OPEN,), start=OPEN, now=OPEN, earlier=BarSeries.empty())
    assert live.skips(OPEN + 120)
    assert not live.skips(OPEN)
    live.take(minute(0, (1, 1, 1, 1, 1, 1)))
    assert not live.skips(OPEN + 60)
    assert live.skips(OPEN + 180)


@pytest.mark.parametrize(("at", "start"), [(0, 0), (59, 0), (60, 60), (374, 360)])
def test_hours_count_from_the_open(at: int, start: int) -> None:
    live = LiveBar.begin("NSE:X", Interval.H1, opens=(OPEN,), start=OPEN, now=OPEN, earlier=BarSeries.empty())
    assert live.start_of(OPEN + at * 60) == OPEN + start * 60
