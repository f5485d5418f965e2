"""Finished days come from the cache, and from the table again once they have changed."""

import time
from datetime import datetime, timedelta

import numpy as np
import pytest
import time_machine

from core.errors import Unavailable
from tests.factories import make_instrument
from tests.marketdata.builders import OPENING, make_quote
from trading.marketdata import selectors
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.selectors import candles, quote_read, quotes_shown
from trading.marketdata.selectors.minutes import FINISHED_DAYS, _packed, _unpacked
from trading.marketdata.services import candles_write, quote_publish

pytestmark = pytest.mark.django_db(transaction=True)

NOON = OPENING + timedelta(hours=3)
YESTERDAY = OPENING - timedelta(days=3)
"""A Friday; the opening is on a Monday."""


def minutes(instrument_id: int, start: datetime, count: int, price: int = 100) -> np.ndarray:
    first = int(start.timestamp())
    return np.array(
        [[instrument_id, first + 60 * n, *[(price + n) * 10_000] * 4, 10, 0] for n in range(count)], dtype=np.int64
    )


@pytest.fixture
def instrument():
    with time_machine.travel(NOON, tick=False):
        yield make_instrument("NSE:RELIANCE")


def test_a_series_is_the_same_from_the_table_from_redis_and_from_memory(instrument, django_assert_max_num_queries):
    candles_write(minutes(instrument.pk, YESTERDAY, 50))
    candles_write(minutes(instrument.pk, OPENING, 30))
    from_table = candles(instrument, Interval.M1, limit=70)
    from_memory = candles(instrument, Interval.M1, limit=70)
    FINISHED_DAYS.forget()
    from_redis = candles(instrument, Interval.M1, limit=70)
    assert len(from_table) == 70
    for other in (from_memory, from_redis):
        assert np.array_equal(other.columns(), from_table.columns())


def test_the_second_reading_asks_the_database_only_for_today(instrument, django_assert_num_queries):
    candles_write(minutes(instrument.pk, YESTERDAY, 50))
    candles(instrument, Interval.M1)
    with django_assert_num_queries(1) as asked:
        candles(instrument, Interval.M1)
    assert "2016-08-22" in asked.captured_queries[0]["sql"] or "2016-08-21" in asked.captured_queries[0]["sql"]


def test_today_is_never_remembered(instrument):
    candles_write(minutes(instrument.pk, OPENING, 10))
    assert len(candles(instrument)) == 10
    with time_machine.travel(NOON, tick=False):
        candles_write(minutes(instrument.pk, OPENING, 20))
        assert len(candles(instrument)) == 20


def test_a_change_of_a_finished_day_is_seen_at_once(instrument):
    candles_write(minutes(instrument.pk, YESTERDAY, 10))
    assert candles(instrument).close[-1] == 109 * 10_000
    candles_write(minutes(instrument.pk, YESTERDAY, 10, price=200))
    assert candles(instrument).close[-1] == 209 * 10_000
    candles_write(minutes(instrument.pk, YESTERDAY, 12, price=200), replace=False)
    assert len(candles(instrument)) == 12


def test_bounds_in_the_middle_of_a_day_are_kept(instrument):
    candles_write(minutes(instrument.pk, YESTERDAY, 50))
    part = candles(
        instrument, start=YESTERDAY + timedelta(minutes=5), end=YESTERDAY + timedelta(minutes=9, seconds=30)
    )
    assert part.start.tolist() == [int(YESTERDAY.timestamp()) + 60 * n for n in range(5, 10)]


def test_minutes_are_packed_and_unpacked_and_garbage_is_refused():
    rows = minutes(7, YESTERDAY, 20)[:, 1:]
    series = BarSeries.from_columns(rows)
    assert np.array_equal(_unpacked(_packed(series)).columns(), rows)
    assert len(_unpacked(_packed(BarSeries.empty()))) == 0
    for garbage in (b"", b"garbage", _packed(series)[:-3]):
        with pytest.raises(ValueError):
            _unpacked(garbage)


def test_a_screen_lives_on_what_it_read_for_five_seconds_while_the_store_is_gone(monkeypatch):
    def gone(keys):
        raise Unavailable("down")

    quote_publish([make_quote("100")])
    assert quote_read(quotes_shown(["NSE:RELIANCE"])["NSE:RELIANCE"]).ltp == 100
    monkeypatch.setattr("trading.marketdata.selectors.quotes._stored", gone)
    assert quote_read(quotes_shown(["NSE:RELIANCE"])["NSE:RELIANCE"]).ltp == 100
    with pytest.raises(Unavailable):
        quotes_shown(["NSE:RELIANCE", "NSE:TCS"])
    later = time.monotonic() + 5.1
    monkeypatch.setattr("core.cache.cache.time.monotonic", lambda: later)
    with pytest.raises(Unavailable):
        quotes_shown(["NSE:RELIANCE"])
    with pytest.raises(Unavailable):
        selectors.quotes_latest(["NSE:RELIANCE"])  # the way that orders take
