from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marketdata.builders import OPENING
from trading.marketdata.domain.bars import BarSeries, Interval, derive, scale_price, unscale_price
from trading.marketdata.domain.candle_json import candle_rows


def session(minutes: int, *, opens: datetime = OPENING, start_price: int = 1_000_000) -> BarSeries:
    """Consecutive minutes whose price rises by one rupee each."""
    first = int(opens.timestamp())
    rows = [
        (first + n * 60, start_price + n * 10_000, start_price + n * 10_000 + 500, start_price + n * 10_000 - 500,
         start_price + n * 10_000 + 100, 10, n)
        for n in range(minutes)
    ]  # fmt: skip
    return BarSeries.from_columns(np.array(rows, dtype=np.int64))


def opens_of(series: BarSeries, opens: datetime = OPENING) -> np.ndarray:
    return np.full(len(series), int(opens.timestamp()), dtype=np.int64)


def test_an_hour_counts_from_the_session_open_and_the_last_one_is_short():
    minutes = session(375)
    hours = derive(minutes, Interval.H1, opens_of(minutes))
    assert [(start - hours.start[0]) // 60 for start in hours.start.tolist()] == [0, 60, 120, 180, 240, 300, 360]
    assert (hours.open[0], hours.close[0]) == (minutes.open[0], minutes.close[59])
    assert hours.volume.tolist() == [600] * 6 + [150]
    assert hours.oi[-1] == 374


@pytest.mark.parametrize("interval", [each for each in Interval if each is not Interval.M1])
def test_a_longer_interval_keeps_extremes_and_volume(interval):
    minutes = session(375)
    derived = derive(minutes, interval, opens_of(minutes))
    assert derived.high.max() == minutes.high.max()
    assert derived.low.min() == minutes.low.min()
    assert derived.volume.sum() == minutes.volume.sum()


def test_an_evening_session_begins_with_a_whole_bar():
    evening = OPENING + timedelta(hours=9)
    minutes = session(60, opens=evening)
    quarter_hours = derive(minutes, Interval.M15, opens_of(minutes, evening))
    assert len(quarter_hours) == 4
    assert quarter_hours.start[0] == int(evening.timestamp())


def test_days_begin_at_midnight_in_india_and_weeks_on_monday():
    columns = [session(375, opens=OPENING + timedelta(days=day)).columns() for day in (0, 1, 4, 7)]
    minutes = BarSeries.from_columns(np.vstack(columns))
    days = derive(minutes, Interval.D1, minutes.start)
    assert datetime.fromtimestamp(int(days.start[0]), UTC).isoformat() == "2016-08-21T18:30:00+00:00"
    assert len(days) == 4
    weeks = derive(minutes, Interval.W1, minutes.start)
    assert [int(volume) for volume in weeks.volume] == [3 * 3750, 3750]


@given(st.decimals(min_value="0.0001", max_value="99999999", places=4))
def test_scaled_prices_are_exact(price: Decimal):
    assert unscale_price(scale_price(price)) == price


def test_a_price_finer_than_the_scale_is_refused():
    with pytest.raises(ValueError):
        scale_price(Decimal("1.00001"))


def test_candles_are_written_as_india_reads_them():
    row = (int(OPENING.timestamp()), 12_845_500, 12_850_000, 12_840_025, 12_845_500, 7, 0)
    assert candle_rows(BarSeries.from_columns(np.array([row], dtype=np.int64))) == [
        ["2016-08-22T09:15:00+05:30", "1284.55", "1285.00", "1284.0025", "1284.55", 7, 0]
    ]
