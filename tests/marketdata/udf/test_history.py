"""The properties that conformance lists of the protocol check, one test each."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from core.store import get_store
from trading.marketdata.domain.bars import PRICE_SCALE
from trading.marketdata.domain.candle_builder import Bar
from trading.marketdata.domain.wire import FORMING_HASH, encode_bar
from trading.marketdata.models import Candle

from .conftest import SESSION_MINUTES, ist, trading_days, utc_midnight

pytestmark = pytest.mark.django_db

WEDNESDAY = "2022-11-09"
COLUMNS = ("t", "o", "h", "l", "c", "v")
RESOLUTIONS = ("1", "3", "5", "15", "30", "60", "1D", "1W", "1M")
LATER = ist("2022-12-01 00:00")


def joined(*answers: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [value for answer in answers for value in answer.get(name, [])] for name in COLUMNS}


def test_a_span_is_closed_at_its_start_and_open_at_its_end(history):
    answer = history("1", ist(f"{WEDNESDAY} 09:15"), ist(f"{WEDNESDAY} 09:18"))
    assert answer["s"] == "ok"
    assert answer["t"] == [ist(f"{WEDNESDAY} 09:{minute}") for minute in (15, 16, 17)]
    assert {len(answer[name]) for name in COLUMNS} == {3}


def test_prices_are_the_stored_ones_to_the_digit(history):
    answer = history("1", ist(f"{WEDNESDAY} 09:15"), ist(f"{WEDNESDAY} 15:30"))
    stored = Candle.objects.filter(start__gte=datetime(2022, 11, 9, tzinfo=UTC)).order_by("start")
    assert len(stored) == SESSION_MINUTES
    assert answer["t"] == [int(bar.start.timestamp()) for bar in stored]
    for name, field in (("o", "open"), ("h", "high"), ("l", "low"), ("c", "close"), ("v", "volume")):
        assert answer[name] == [float(getattr(bar, field)) for bar in stored], field


def test_from_equal_to_to_is_an_empty_span_that_names_the_bar_before(history):
    moment = ist(f"{WEDNESDAY} 10:00")
    assert history("1", moment, moment) == {"s": "no_data", "nextTime": moment - 60}
    assert history("1D", utc_midnight(WEDNESDAY), utc_midnight(WEDNESDAY)) == {
        "s": "no_data",
        "nextTime": utc_midnight("2022-11-07"),
    }


def test_a_span_without_data_names_the_next_bar_to_the_left(history):
    saturday = history("5", ist("2022-11-05 09:15"), ist("2022-11-05 15:30"))
    assert saturday == {"s": "no_data", "nextTime": ist("2022-11-04 15:25")}
    holiday = history("1D", utc_midnight("2022-11-08"), utc_midnight("2022-11-09"))
    assert holiday == {"s": "no_data", "nextTime": utc_midnight("2022-11-07")}


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_before_the_first_bar_there_is_no_data_and_no_next_time(history, resolution):
    answer = history(resolution, utc_midnight("2019-01-01"), utc_midnight("2020-01-01"))
    assert answer == {"s": "no_data"}
    assert history(resolution, 0, utc_midnight("2020-01-01"), countback=300) == {"s": "no_data"}


def test_a_span_that_begins_before_the_listing_holds_what_there_is(history):
    answer = history("1D", utc_midnight("2019-01-01"), utc_midnight("2021-07-08"))
    assert answer["t"][0] == utc_midnight("2021-07-01")
    assert len(answer["t"]) == 5


@pytest.mark.parametrize(
    ("resolution", "last"), [("1", "2022-11-09 15:29"), ("60", "2022-11-09 15:15"), ("1D", None), ("1W", None)]
)
def test_a_future_span_has_no_data_but_the_last_bar_as_its_next(history, resolution, last):
    ahead = int(datetime.now(UTC).timestamp()) + 86_400 * 3
    answer = history(resolution, ahead, ahead + 86_400)
    expected = {"1D": utc_midnight(WEDNESDAY), "1W": utc_midnight("2022-11-07")}.get(resolution)
    assert answer == {"s": "no_data", "nextTime": expected if last is None else ist(last)}


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_several_short_queries_equal_one_long_query(history, resolution):
    start, end = utc_midnight("2022-11-01"), utc_midnight("2022-11-10")
    whole = history(resolution, start, end)
    # Cuts that fall into the middle of bars, of days and of weeks.
    cuts = [start, start + 86_400 * 2 + 12_345, ist("2022-11-04 11:07"), ist("2022-11-07 13:13") + 7, end]
    parts = [history(resolution, left, right) for left, right in pairwise(cuts)]
    assert joined(*parts) == {name: whole.get(name, []) for name in COLUMNS}


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_the_same_question_gets_the_same_answer(history, resolution):
    span = (utc_midnight("2022-10-01"), utc_midnight("2022-11-10"))
    assert history(resolution, *span) == history(resolution, *span)


@pytest.mark.parametrize("resolution", ["3", "5", "15", "30", "60"])
def test_longer_bars_are_what_their_minutes_add_up_to(history, resolution):
    span = (ist(f"{WEDNESDAY} 09:15"), ist(f"{WEDNESDAY} 15:30"))
    minutes, longer = history("1", *span), history(resolution, *span)
    size = int(resolution) * 60
    # From the open: an hour runs 09:15 to 10:15, and the last one is short.
    expected: dict[int, list[float]] = {}
    for at, o, h, low, c, v in zip(*(minutes[name] for name in COLUMNS), strict=True):
        bucket = span[0] + (at - span[0]) // size * size
        known = expected.setdefault(bucket, [o, h, low, c, 0])
        expected[bucket] = [known[0], max(known[1], h), min(known[2], low), c, known[4] + v]
    assert longer["t"] == list(expected)
    for column, name in enumerate(COLUMNS[1:]):
        assert longer[name] == [bar[column] for bar in expected.values()], name


def test_daily_bars_agree_with_the_minutes_of_their_day(history):
    days = history("1D", utc_midnight("2022-10-31"), utc_midnight("2022-11-10"))
    assert [datetime.fromtimestamp(t, UTC).strftime("%m-%d %H:%M") for t in days["t"]] == [
        f"{day} 00:00" for day in ("10-31", "11-01", "11-02", "11-03", "11-04", "11-07", "11-09")
    ]
    for index, time in enumerate(days["t"]):
        minutes = history("1", time - 19_800, time - 19_800 + 86_400)
        assert (days["o"][index], days["c"][index]) == (minutes["o"][0], minutes["c"][-1])
        assert (days["h"][index], days["l"][index]) == (max(minutes["h"]), min(minutes["l"]))
        assert days["v"][index] == sum(minutes["v"])


def test_weeks_begin_on_monday_and_months_on_the_first(history):
    weeks = history("1W", utc_midnight("2022-10-31"), utc_midnight("2022-11-10"))
    assert weeks["t"] == [utc_midnight("2022-10-31"), utc_midnight("2022-11-07")]
    months = history("1M", utc_midnight("2022-09-01"), utc_midnight("2022-11-10"))
    assert months["t"] == [utc_midnight(f"2022-{month}-01") for month in ("09", "10", "11")]
    days = history("1D", utc_midnight("2022-09-01"), utc_midnight("2022-10-01"))
    assert (months["o"][0], months["c"][0]) == (days["o"][0], days["c"][-1])
    assert (months["h"][0], months["l"][0], months["v"][0]) == (max(days["h"]), min(days["l"]), sum(days["v"]))


@pytest.mark.parametrize("resolution", ["1", "5", "15", "1D"])
def test_countback_gives_300_bars_over_weekends_and_holidays(history, resolution):
    # `from` is a day before, which a naive server would answer with far fewer.
    answer = history(resolution, LATER - 86_400, LATER, countback=300)
    assert len(answer["t"]) == 300
    assert answer["t"] == sorted(set(answer["t"]))
    everything = history(resolution, 0, LATER)
    assert {name: answer[name] for name in COLUMNS} == {name: everything[name][-300:] for name in COLUMNS}


def test_countback_in_days_counts_trading_days(history):
    days = [day for day in trading_days() if day.isoformat() <= WEDNESDAY]
    answer = history("1D", utc_midnight("2022-11-09"), utc_midnight("2022-11-10"), countback=300)
    listed = [datetime.fromtimestamp(t, UTC).date() for t in answer["t"]]
    # Special sessions have no bars in this sample.
    assert listed == [day for day in days if day in set(listed)][-300:]
    assert listed[-1].isoformat() == WEDNESDAY


def test_countback_wins_over_from_on_either_side(history):
    end = ist(f"{WEDNESDAY} 11:00")
    far, near = history("1", 0, end, countback=5), history("1", end - 60, end, countback=5)
    assert far == near
    assert far["t"] == [end - 60 * step for step in (5, 4, 3, 2, 1)]


def test_countback_beyond_the_first_bar_gives_all_there_is(history):
    answer = history("1D", 0, utc_midnight("2021-07-06"), countback=300)
    assert (answer["s"], answer["t"][0], len(answer["t"])) == ("ok", utc_midnight("2021-07-01"), 3)


def test_countback_crosses_a_gap_longer_than_any_holiday(history):
    gap = (datetime(2022, 2, 1, tzinfo=UTC), datetime(2022, 10, 30, tzinfo=UTC))
    Candle.objects.filter(start__gte=gap[0], start__lt=gap[1]).delete()
    answer = history("1", LATER - 60, LATER, countback=3_000)
    assert len(answer["t"]) == 3_000
    assert answer["t"][0] < utc_midnight("2022-02-01")


def test_the_stream_of_two_bars_equals_the_history(history):
    """A client polls with countback=2 while a minute forms; what it saw is what it would load anew."""
    get_store().delete(FORMING_HASH)
    start = int(datetime.now(UTC).timestamp()) // 60 * 60
    seen: dict[int, float] = {}
    for close in (101_0000, 102_0000, 100_5000):
        bar = Bar("NSE:RELIANCE", start, 101_0000, 102_0000, 100_5000, close, 30, 0)
        get_store().hset(FORMING_HASH, {"NSE:RELIANCE": encode_bar(bar)})
        answer = history("1", start - 86_400, start + 60, countback=2)
        assert len(answer["t"]) == 2
        seen |= dict(zip(answer["t"], answer["c"], strict=True))
    assert answer["t"] == [ist(f"{WEDNESDAY} 15:29"), start]
    assert seen[start] == 100_5000 / PRICE_SCALE
    loaded = history("1", start - 86_400 * 5_000, start + 60)
    assert [loaded["t"][-1], loaded["c"][-1]] == [start, seen[start]]


def test_numbers_are_finite_and_volumes_whole(history):
    answer = history("5", 0, LATER, countback=2_000)
    prices = np.array([answer[name] for name in ("o", "h", "l", "c")])
    assert np.isfinite(prices).all()
    assert (prices[2] <= prices[[0, 3]].min(axis=0)).all()
    assert (prices[1] >= prices[[0, 3]].max(axis=0)).all()
    assert all(isinstance(volume, int) for volume in answer["v"])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"resolution": "7"}, "There is no resolution 7"),
        ({"resolution": ""}, "resolution"),
        ({"from_": "yesterday"}, "from"),
        ({"from_": -1}, "from"),
        ({"to": 10**12}, "to"),
        ({"from_": 200, "to": 100}, "Lies after"),
        ({"countback": -5}, "countback"),
        ({"countback": 10**6}, "countback"),
        ({"symbol": "NSE:NOBODY"}, "NSE:NOBODY"),
        ({"symbol": "a\x00b"}, ""),
        ({"symbol": "'; DROP TABLE"}, ""),
    ],
)
def test_a_bad_question_is_told_what_is_wrong(ask, reliance, query, told):
    good = {"symbol": "NSE:RELIANCE", "resolution": "1D", "from_": 0, "to": LATER}
    answer = ask("history", **(good | query))
    assert answer["s"] == "error"
    assert told in answer["errmsg"]


def test_a_question_without_a_span_is_told_so(ask, reliance):
    answer = ask("history", symbol="NSE:RELIANCE", resolution="1D")
    assert answer["s"] == "error"
    assert "from" in answer["errmsg"]
