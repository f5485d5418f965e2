"""Luck among many trials, against published figures and against worthless strategies made for the purpose."""

from itertools import combinations
from math import inf, isnan, sqrt

import numpy as np
import pytest

from backtests.domain.overfitting import (
    deflated_sharpe,
    effective_trials,
    expected_best_sharpe,
    least_periods,
    probabilistic_sharpe,
    probability_of_overfitting,
)
from core.errors import InvalidInput

DAILY = 2.5 / sqrt(250)


def test_the_papers_example_comes_out_to_its_last_digit():
    """Bailey and López de Prado (2014), "A numerical example": 100 trials, five years, the best at 2.5 a year."""
    expected = expected_best_sharpe(100, 0.5 / 250)
    assert expected == pytest.approx(0.1132, abs=5e-5)
    assert probabilistic_sharpe(DAILY, expected, periods=1250, skew=-3, kurtosis=10) == pytest.approx(
        0.9004, abs=5e-5
    )


@pytest.mark.parametrize(("trials", "skew", "kurtosis"), [(46, -3, 10), (88, 0, 3)])
def test_the_papers_other_cases_reach_95_per_cent(trials, skew, kurtosis):
    """46 trials are the most that leave 95 % confidence; had the returns been normal, 88."""
    expected = expected_best_sharpe(trials, 0.5 / 250)
    found = probabilistic_sharpe(DAILY, expected, periods=1250, skew=skew, kurtosis=kurtosis)
    assert found == pytest.approx(0.9505, abs=6e-4)


def test_an_annual_sharpe_of_two_needs_published_2_73_years_to_beat_one():
    """Bailey and López de Prado (2012), minimum track record length of daily normal returns."""
    assert least_periods(2 / sqrt(252), 1 / sqrt(252)) / 252 == pytest.approx(2.73, abs=0.005)
    assert least_periods(0.05, 0.05) == inf


def test_the_expected_best_of_worthless_trials_is_what_simulation_gives():
    best = np.random.default_rng(2).normal(0, 0.1, (4_000, 200)).max(axis=1)
    assert expected_best_sharpe(200, 0.01) == pytest.approx(best.mean(), rel=0.01)
    assert expected_best_sharpe(1, 0.01) == expected_best_sharpe(50, 0.0) == 0.0


def test_the_best_of_worthless_trials_is_deflated_and_a_real_edge_is_not():
    rng = np.random.default_rng(3)
    worthless = rng.normal(0, 0.01, (750, 200))
    sharpes = worthless.mean(axis=0) / worthless.std(axis=0, ddof=1)
    plain = probabilistic_sharpe(float(sharpes.max()), 0.0, periods=750)
    found = deflated_sharpe(sharpes, periods=750, skew=0.0, kurtosis=3.0)
    assert plain > 0.95
    assert found.probability < 0.8
    assert found.trials == 200
    skilled = np.r_[sharpes, 0.25]
    assert deflated_sharpe(skilled, periods=750, skew=0.0, kurtosis=3.0).probability > 0.95


def test_cells_without_a_trade_were_trials_all_the_same():
    sharpes = np.array([0.1, 0.02, np.nan, np.nan])
    found = deflated_sharpe(sharpes, periods=500, skew=0.0, kurtosis=3.0)
    assert found.trials == 4
    assert found.sharpe == 0.1
    assert found.expected_best == pytest.approx(expected_best_sharpe(4, np.var([0.1, 0.02], ddof=1)))
    assert isnan(deflated_sharpe(sharpes[2:], periods=500, skew=0.0, kurtosis=3.0).probability)


def test_copies_of_one_strategy_are_one_trial_and_independent_ones_are_many():
    rng = np.random.default_rng(4)
    one = rng.normal(size=(2_000, 1))
    assert effective_trials(np.repeat(one, 30, axis=1)) == pytest.approx(1.0, abs=0.01)
    assert effective_trials(rng.normal(size=(2_000, 30))) == pytest.approx(30, rel=0.05)
    half = sqrt(0.5) * one + sqrt(0.5) * rng.normal(size=(2_000, 30))
    pairs = np.asarray(np.corrcoef(half.T))[np.triu_indices(30, 1)].mean()
    assert effective_trials(half) == pytest.approx(pairs + (1 - pairs) * 30)
    assert effective_trials(np.zeros((10, 3))) == 0.0


def test_worthless_strategies_are_found_overfitted_half_the_time_and_a_skilled_one_never():
    rng = np.random.default_rng(5)
    shares = [probability_of_overfitting(rng.normal(size=(320, 40)), blocks=8).probability for _ in range(40)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.1)
    returns = rng.normal(0, 0.01, (320, 40))
    returns[:, 7] += 0.01
    found = probability_of_overfitting(returns)
    assert (found.probability, found.chance_of_loss, found.splits) == (0.0, 0.0, 12_870)


def test_the_probability_is_that_of_going_through_every_split_by_hand():
    returns = np.random.default_rng(6).normal(size=(50, 7))
    parts = np.split(returns[2:], 6)
    below = lost = 0
    for inside in combinations(range(6), 3):
        kept = np.concatenate([parts[each] for each in inside])
        other = np.concatenate([parts[each] for each in range(6) if each not in inside])
        best = np.argmax(kept.mean(axis=0) / kept.std(axis=0, ddof=1))
        outside = other.mean(axis=0) / other.std(axis=0, ddof=1)
        rank = np.count_nonzero(outside <= outside[best])
        below += np.log(rank / 8 / (1 - rank / 8)) <= 0
        lost += outside[best] < 0
    found = probability_of_overfitting(returns, blocks=6)
    assert (found.probability, found.chance_of_loss) == (below / 20, lost / 20)


@pytest.mark.parametrize(
    ("shape", "blocks", "code"),
    [
        ((100, 5), 7, "overfitting_blocks"),
        ((100, 5), 22, "overfitting_blocks"),
        ((31, 5), 16, "overfitting_too_little"),
        ((100, 1), 16, "overfitting_too_little"),
    ],
)
def test_too_little_to_tell_is_refused(shape, blocks, code):
    with pytest.raises(InvalidInput) as caught:
        probability_of_overfitting(np.ones(shape), blocks=blocks)
    assert caught.value.code == code
