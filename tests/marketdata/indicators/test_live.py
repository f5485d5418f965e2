"""Bars that quotes make, and what running computations say of them: pure, without sockets or a database."""

import numpy as np
import pytest

from trading.marketdata.domain.indicators import Bars, registry
from trading.marketdata.domain.indicators.live import LiveSeries, Running, StoredBars, Update

OPENS = 1_471_837_500
"""09:15 in India on 22 August 2016."""
MINUTE = 60


def stored(closes: list[float], *, closed: int, first: int = 0) -> StoredBars:
    """Minutes of one price each, volume 10; those after `closed` are open."""
    start = np.array([OPENS + MINUTE * (first + number) for number in range(len(closes))], dtype=np.int64)
    line = np.array(closes)
    session = np.full(len(closes), float(OPENS))
    bars = Bars(line, line, line, line, np.full(len(closes), 10.0), session, np.full(len(closes), np.nan))
    return StoredBars(start, bars, closed, tuple(float(each) + MINUTE for each in start[-2:]))


def begin(series: LiveSeries, name: str, history: StoredBars, **parameters: object) -> list[Update]:
    computation = registry.get(name).incremental(**parameters)
    return list(series.begin(name, Running.of(name, computation, history), history))


def said(updates: list[Update], output: str) -> list[tuple[int, float, bool]]:
    return [((each.time - OPENS) // MINUTE, each.values[output], each.final) for each in updates]


@pytest.fixture
def series() -> LiveSeries:
    return LiveSeries(MINUTE)


def test_a_computation_begins_with_its_last_final_and_its_forming_value(series):
    updates = begin(series, "sma", stored([100.0, 102.0, 107.0], closed=2), period=2)
    assert said(updates, "sma") == [(1, 101.0, True), (2, 104.5, False)]


def test_quotes_move_the_forming_value_and_leave_what_is_final(series):
    begin(series, "sma", stored([100.0, 102.0, 107.0], closed=2), period=2)
    assert said(list(series.price(OPENS + 130, 110.0, 50)), "sma") == [(2, 106.0, False)]
    assert said(list(series.price(OPENS + 131, 104.0, 60)), "sma") == [(2, 103.0, False)]
    taken = list(series.take(stored([104.0], closed=1, first=2)))
    assert said(taken, "sma") == [(2, 103.0, True)]


def test_a_forming_bar_widens_and_counts_the_volume_that_quotes_add(series):
    begin(series, "vwma", stored([100.0, 100.0], closed=1), period=2)
    for second, price, counter in ((61, 100.0, 500), (62, 120.0, 540), (63, 90.0, 530)):
        list(series.price(OPENS + second, price, counter))
    (bar,) = series.open_bars
    assert (bar.values["high"], bar.values["low"], bar.values["close"]) == (120.0, 90.0, 90.0)
    assert bar.values["volume"] == 10.0 + 40.0


def test_the_next_bar_forms_on_the_one_that_is_over_but_not_stored_yet(series):
    begin(series, "sma", stored([100.0, 102.0, 107.0], closed=2), period=2)
    list(series.price(OPENS + 179, 110.0, 50))
    assert said(list(series.price(OPENS + 181, 120.0, 60)), "sma") == [(3, 115.0, False)]
    # Stored, the bar's last price was another: the final value and what forms upon it follow the stored one.
    taken = list(series.take(stored([108.0, 120.0], closed=1, first=2)))
    assert said(taken, "sma") == [(2, 105.0, True), (3, 114.0, False)]


def test_a_third_open_bar_waits_for_stored_ones(series):
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    list(series.price(OPENS + 121, 103.0, 1))
    assert not series.wants_stored
    assert list(series.price(OPENS + 181, 104.0, 2)) == []
    assert series.wants_stored


def test_a_bar_begins_with_the_first_quote_after_a_closed_one(series):
    begin(series, "sma", stored([100.0, 102.0], closed=2), period=2)
    assert said(list(series.price(OPENS + 250, 104.0, 7)), "sma") == [(4, 103.0, False)]
    assert (series.open_bars[0].start, series.open_bars[0].values["volume"]) == (OPENS + 240, 0.0)


def test_another_day_waits_for_stored_bars_to_tell_its_session(series):
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    assert list(series.price(OPENS + 86_400, 104.0, 2)) == []
    assert series.wants_stored


def test_a_late_quote_changes_nothing(series):
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    assert list(series.price(OPENS + 30, 999.0, 2)) == []
    assert not series.wants_stored
    assert series.open_bars[0].values["high"] == 102.0


def test_a_bar_is_over_at_its_end(series):
    assert not series.is_over(OPENS + 120)
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    assert not series.is_over(OPENS + 119)
    assert series.is_over(OPENS + 120)


def test_a_stored_bar_that_differs_from_the_quotes_is_doubted(series):
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    list(series.price(OPENS + 119, 105.0, 2))
    assert series.doubts(stored([103.0], closed=1, first=1))
    assert not series.doubts(stored([105.0], closed=1, first=1))
    # The bar is missing altogether while a later one is there.
    assert series.doubts(stored([105.0], closed=1, first=2))


def test_bars_are_closed_once_however_often_they_are_read(series):
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    history = stored([100.0, 102.0, 104.0], closed=3)
    assert [each.final for each in series.take(history)] == [True, True]
    assert list(series.take(history)) == []


def test_computations_of_one_series_keep_their_own_place(series):
    begin(series, "sma", stored([100.0, 102.0], closed=1), period=2)
    begin(series, "ema", stored([100.0, 102.0, 104.0], closed=2), period=2)
    taken = list(series.take(stored([102.0, 104.0, 106.0], closed=2, first=1)))
    assert [(each.key, (each.time - OPENS) // MINUTE) for each in taken if each.final] == [
        ("sma", 1),
        ("sma", 2),
        ("ema", 2),
    ]
    assert series.through == OPENS + 2 * MINUTE


def test_a_comparison_moves_with_the_other_instruments_price(series):
    history = stored([100.0, 101.0, 103.0, 102.0], closed=3)
    history.bars.against[:] = [50.0, 51.0, 50.5, 52.0]
    updates = begin(series, "correlation", history, period=3)
    before = updates[-1].values["correlation"]
    series.compare(40.0)
    (after,) = series.price(OPENS + 190, 102.0, 1)
    assert after.values["correlation"] != before


def test_final_values_are_those_of_the_whole_history_at_once(series):
    rng = np.random.default_rng(7)
    closes = (1000 + np.cumsum(rng.normal(0, 1, 300))).tolist()
    begin(series, "macd", stored(closes[:200], closed=199))
    finals = []
    for number in range(200, 300):
        list(series.price(OPENS + number * MINUTE + 5, closes[number] + 3.0, number))
        finals += [
            each
            for each in series.take(stored(closes[199 : number + 1], closed=number - 199, first=199))
            if each.final
        ]
    whole = registry.get("macd").compute(stored(closes, closed=300).bars)
    assert [each.values["macd"] for each in finals] == whole["macd"][199:299].tolist()
