"""Walk-forward windows, and the tests' results in a row."""

from datetime import date, timedelta
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtests.domain.walk_forward import Mode, efficiency, stitched, windows
from core.errors import InvalidInput

DAYS = [date(2024, 1, 1) + timedelta(days=each) for each in range(100)]


def test_rolling_windows_choose_on_so_many_days_before_each_test():
    found = windows(DAYS, in_sample=40, out_of_sample=20, mode=Mode.ROLLING)
    assert [(each.in_first, each.in_last, each.out_first, each.out_last) for each in found] == [
        (DAYS[0], DAYS[39], DAYS[40], DAYS[59]),
        (DAYS[20], DAYS[59], DAYS[60], DAYS[79]),
        (DAYS[40], DAYS[79], DAYS[80], DAYS[99]),
    ]


def test_anchored_windows_choose_on_all_days_so_far_and_the_last_test_may_be_short():
    found = windows(DAYS, in_sample=50, out_of_sample=30, mode=Mode.ANCHORED)
    assert [(each.in_first, each.in_last, each.out_first, each.out_last) for each in found] == [
        (DAYS[0], DAYS[49], DAYS[50], DAYS[79]),
        (DAYS[0], DAYS[79], DAYS[80], DAYS[99]),
    ]


@given(
    count=st.integers(1, 100),
    inside=st.integers(1, 60),
    outside=st.integers(1, 40),
    purged=st.integers(0, 10),
    mode=st.sampled_from(Mode),
)
def test_tests_follow_each_other_and_never_touch_what_was_chosen_on(count, inside, outside, purged, mode):
    days = DAYS[:count]
    if count <= inside + purged:
        with pytest.raises(InvalidInput):
            windows(days, in_sample=inside, out_of_sample=outside, mode=mode, purged=purged)
        return
    found = windows(days, in_sample=inside, out_of_sample=outside, mode=mode, purged=purged)
    tested = [each for window in found for each in days if window.out_first <= each <= window.out_last]
    assert tested == days[inside + purged :]
    for window in found:
        assert days.index(window.out_first) - days.index(window.in_last) == purged + 1
        span = days.index(window.in_last) - days.index(window.in_first) + 1
        assert span == inside if mode is Mode.ROLLING else window.in_first == days[0]


@pytest.mark.parametrize(
    ("lengths", "code"),
    [
        ((0, 5, 0), "windows_invalid"),
        ((5, 0, 0), "windows_invalid"),
        ((5, 5, -1), "windows_invalid"),
        ((100, 1, 0), "windows_too_few_days"),
        ((95, 1, 5), "windows_too_few_days"),
    ],
)
def test_spans_that_leave_no_test_are_refused(lengths, code):
    inside, outside, purged = lengths
    with pytest.raises(InvalidInput) as caught:
        windows(DAYS, in_sample=inside, out_of_sample=outside, mode=Mode.ROLLING, purged=purged)
    assert caught.value.code == code


def test_hundreds_of_windows_are_refused():
    days = [date(2000, 1, 1) + timedelta(days=each) for each in range(1_000)]
    with pytest.raises(InvalidInput) as caught:
        windows(days, in_sample=100, out_of_sample=1, mode=Mode.ANCHORED)
    assert caught.value.code == "windows_too_many"


def test_stitching_lets_each_test_go_on_with_what_the_last_has_left():
    curve = stitched(1_000_00, [np.array([110_000, 120_000]), np.array([50_000]), np.array([100_000, 200_000])])
    assert curve.tolist() == [110_000, 120_000, 60_000, 60_000, 120_000]


def test_nothing_grows_out_of_nothing():
    assert stitched(100, [np.array([50, -10]), np.array([400])]).tolist() == [50, 0, 0]
    assert stitched(100, []).tolist() == []


def test_efficiency_is_what_is_left_of_the_promise():
    assert efficiency([0.2, 0.4], [0.1, 0.05]) == pytest.approx(0.25)
    assert efficiency([0.2, float("nan")], [0.1, 0.5]) == pytest.approx(0.5)
    assert isnan(efficiency([-0.1], [0.1]))
    assert isnan(efficiency([], []))
