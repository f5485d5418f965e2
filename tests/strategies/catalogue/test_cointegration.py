"""Engle and Granger's test against an independent computation, and against what is known of its distribution."""

import numpy as np
import pytest

from trading.strategies.catalogue.cointegration import critical_value, dickey_fuller, engle_granger


def _walk(seed: int, count: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(0, 1, count))


def _t_ratio_by_normal_equations(series: np.ndarray, lags: int) -> float:
    """The same regression row by row, solved by Cramer's way of the textbook: (X'X)⁻¹X'y."""
    rows, wanted = [], []
    for t in range(lags + 1, len(series)):
        rows.append([series[t - 1], *(series[t - lag] - series[t - lag - 1] for lag in range(1, lags + 1))])
        wanted.append(series[t] - series[t - 1])
    design, target = np.array(rows), np.array(wanted)
    inverse = np.linalg.inv(design.T @ design)
    solution = inverse @ design.T @ target
    errors = target - design @ solution
    return float(solution[0] / np.sqrt(errors @ errors / (len(target) - lags - 1) * inverse[0, 0]))


@pytest.mark.parametrize("lags", [0, 1, 2, 5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_statistic_agrees_with_the_normal_equations(seed: int, lags: int) -> None:
    series = _walk(seed, 150)
    statistic, rows = dickey_fuller(series, lags)
    assert rows == 149 - lags
    assert statistic == pytest.approx(_t_ratio_by_normal_equations(series, lags), rel=1e-9)


def test_without_lags_the_statistic_is_the_t_ratio_of_a_line_through_the_origin() -> None:
    series = np.array([1.0, 0.5, 0.8, -0.2, 0.1, 0.4, -0.3])
    level, change = series[:-1], np.diff(series)
    rho = (level @ change) / (level @ level)
    errors = change - rho * level
    expected = rho / np.sqrt((errors @ errors) / 5 / (level @ level))
    assert dickey_fuller(series, 0)[0] == pytest.approx(expected, rel=1e-12)


def test_the_regression_agrees_with_polyfit() -> None:
    x = _walk(4, 300) + 50
    y = 3 + 1.7 * x + np.random.default_rng(5).normal(0, 1, 300)
    found = engle_granger(y, x)
    slope, intercept = np.polyfit(x, y, 1)
    assert (found.alpha, found.beta) == pytest.approx((intercept, slope), rel=1e-9)
    assert found.deviation == pytest.approx(np.std(y - intercept - slope * x, ddof=2), rel=1e-9)
    assert found.score(intercept + slope * 60 + found.deviation, 60) == pytest.approx(1.0)


def test_critical_values_are_mackinnons() -> None:
    # MacKinnon (2010), table 2, N = 2 with a constant: for 100 observations -4.009, -3.398, -3.087.
    assert [round(critical_value(level, 100), 3) for level in (0.01, 0.05, 0.10)] == [-4.009, -3.398, -3.087]
    assert critical_value(0.05, 10**9) == pytest.approx(-3.33613)


def test_unrelated_walks_pass_as_seldom_as_the_level_says() -> None:
    passed = sum(engle_granger(_walk(seed, 200), _walk(seed + 10_000, 200), 1).holds(0.05) for seed in range(600))
    # 5 % of 600 is 30; three standard deviations are 16.
    assert 14 <= passed <= 46


def test_a_tied_pair_passes() -> None:
    x = _walk(6, 300) + 100
    y = 2 + 0.8 * x + np.random.default_rng(7).normal(0, 1, 300)
    assert engle_granger(y, x).holds(0.01)


@pytest.mark.parametrize(
    ("y", "x"),
    [
        (np.arange(5.0), np.arange(5.0)),
        (np.full(50, 3.0), np.arange(50.0)),
        (np.arange(50.0), np.full(50, 3.0)),
        (2 * np.arange(50.0) + 1, np.arange(50.0)),
        (np.arange(50.0), np.arange(49.0)),
    ],
    ids=["too short", "constant y", "constant x", "perfect", "unequal"],
)
def test_where_there_is_nothing_to_test_there_is_no_answer(y: np.ndarray, x: np.ndarray) -> None:
    assert engle_granger(y, x) is None
