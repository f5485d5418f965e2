"""Figures of performance beside empyrical, an independent implementation, on the same returns."""

from datetime import date

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain import ratios
from analytics.domain.conventions import Conventions
from analytics.domain.drawdowns import Drawdown, drawdowns, max_drawdown, underwater
from analytics.domain.returns import (
    FloatArray,
    annual_return,
    cumulative,
    money_weighted,
    time_weighted,
    total_return,
)

CONVENTIONS = Conventions(risk_free=0.065)
FREE = CONVENTIONS.risk_free_per_period

seeds = st.integers(0, 2**32 - 1)
# Long enough that some days lose: without a loss empyrical says infinity, we say that the ratio has no meaning.
lengths = st.integers(40, 600)


def daily(seed: int, length: int) -> FloatArray:
    return np.random.default_rng(seed).normal(0.0006, 0.013, length)


def close(ours: float, theirs: float) -> bool:
    return ours == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True)


@given(seeds, lengths)
def test_returns_and_drawdown_agree_with_empyrical(seed: int, length: int) -> None:
    returns = daily(seed, length)
    assert close(annual_return(returns), empyrical.annual_return(returns))
    assert close(total_return(returns), empyrical.cum_returns_final(returns))
    assert close(max_drawdown(returns), empyrical.max_drawdown(returns))
    assert np.allclose(cumulative(returns) - 1, empyrical.cum_returns(returns), rtol=1e-9, atol=1e-12)


@given(seeds, lengths)
def test_ratios_agree_with_empyrical(seed: int, length: int) -> None:
    returns = daily(seed, length)
    assert close(ratios.volatility(returns, CONVENTIONS), empyrical.annual_volatility(returns))
    assert close(ratios.sharpe(returns, CONVENTIONS), empyrical.sharpe_ratio(returns, risk_free=FREE))
    assert close(ratios.sortino(returns, CONVENTIONS), empyrical.sortino_ratio(returns, required_return=FREE))
    assert close(ratios.omega(returns, CONVENTIONS), empyrical.omega_ratio(returns, risk_free=FREE))
    assert close(ratios.calmar(returns, CONVENTIONS), empyrical.calmar_ratio(returns))
    assert close(
        ratios.downside_deviation(returns, CONVENTIONS), empyrical.downside_risk(returns, required_return=FREE)
    )


@given(seeds, lengths, st.sampled_from([0.9, 0.95, 0.975, 0.99]))
def test_tail_losses_agree_with_empyrical(seed: int, length: int, confidence: float) -> None:
    returns, cutoff = daily(seed, length), 1.0 - confidence
    assert close(ratios.value_at_risk(returns, confidence), empyrical.value_at_risk(returns, cutoff))
    expected = empyrical.conditional_value_at_risk(returns, cutoff)
    assert close(ratios.conditional_value_at_risk(returns, confidence), expected)


@given(seeds, lengths)
def test_what_an_index_explains_agrees_with_empyrical(seed: int, length: int) -> None:
    index = daily(seed + 1, length)
    returns = 0.7 * index + daily(seed, length)
    theirs = pd.Series(returns), pd.Series(index)
    assert close(ratios.beta(returns, index), empyrical.beta(*theirs, risk_free=FREE))
    assert close(ratios.alpha(returns, index, CONVENTIONS), empyrical.alpha(*theirs, risk_free=FREE))
    assert close(ratios.correlation(returns, index), float(np.corrcoef(returns, index)[0, 1]))


def test_ratios_without_meaning_are_nan() -> None:
    flat = np.zeros(10)
    for value in (
        ratios.sharpe(np.array([0.01]), CONVENTIONS),
        ratios.sharpe(np.full(10, 0.01), CONVENTIONS),
        ratios.calmar(np.full(10, 0.01), CONVENTIONS),
        ratios.omega(np.full(10, 0.01), CONVENTIONS),
        ratios.beta(np.full(10, 0.01), flat),
        ratios.correlation(flat, flat),
        ratios.value_at_risk(np.array([])),
        annual_return(np.array([])),
    ):
        assert np.isnan(value)


def test_a_yearly_rate_that_a_day_or_two_were_blown_up_to_is_none() -> None:
    assert np.isnan(annual_return(np.array([1.0])))
    assert np.isnan(annual_return(np.array([30.0])))
    # An index that hardly moved makes a beta of hundreds.
    still = np.array([0.000_01, 0.000_02])
    assert ratios.beta(np.array([0.01, 0.03]), still) > 1_000
    assert np.isnan(ratios.alpha(np.array([0.01, 0.13]), still - 0.01, CONVENTIONS))
    assert np.isnan(ratios.alpha(np.array([0.0, 9.0]), still - 0.01, CONVENTIONS))


def test_a_deposit_is_no_gain() -> None:
    equity = np.array([100.0, 110.0, 320.0, 160.0])
    flows = np.array([100.0, 0.0, 210.0, -160.0])
    assert time_weighted(equity, flows).tolist() == pytest.approx([0.1, 0.0, 0.0])


def test_a_period_that_begins_with_nothing_has_no_return() -> None:
    assert time_weighted(np.array([0.0, 0.0, 50.0]), np.zeros(3)).tolist() == [0.0, 0.0]


def test_losing_everything_is_a_return_of_minus_one() -> None:
    assert annual_return(np.array([0.1, -1.0, 0.2])) == -1.0
    assert max_drawdown(np.array([0.1, -1.0, 0.2])) == -1.0


def test_money_that_came_today_has_no_rate_yet() -> None:
    assert np.isnan(money_weighted([date(2026, 1, 5)] * 2, [-100.0, 100.0]))
    assert np.isnan(money_weighted([], []))


def test_the_money_weighted_rate_is_the_spreadsheets() -> None:
    # The worked example of XIRR in the documentation of Excel: 37.34 %.
    days = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    assert money_weighted(days, [-10_000, 2_750, 4_250, 3_250, 2_750]) == pytest.approx(0.373362535, abs=1e-8)


@given(st.floats(-0.9, 5.0))
def test_the_money_weighted_rate_of_one_deposit_is_its_growth(rate: float) -> None:
    days = [date(2025, 1, 1), date(2026, 1, 1)]
    assert money_weighted(days, [-1_000.0, 1_000.0 * (1 + rate)]) == pytest.approx(rate, abs=1e-9)


def test_money_that_only_went_in_has_no_rate() -> None:
    assert np.isnan(money_weighted([date(2025, 1, 1)], [-5.0]))


def test_drawdowns_are_told_apart() -> None:
    equity = np.array([100.0, 120.0, 90.0, 110.0, 120.0, 130.0, 117.0, 104.0])
    assert underwater(equity).tolist() == pytest.approx([0, 0, -0.25, -1 / 12, 0, 0, -0.1, -0.2])
    assert drawdowns(equity) == (Drawdown(1, 2, 4, -0.25), Drawdown(5, 7, None, pytest.approx(-0.2)))
    assert drawdowns(np.array([1.0, 2.0])) == ()


@given(seeds, lengths)
def test_the_deepest_episode_is_the_maximum_drawdown(seed: int, length: int) -> None:
    returns = daily(seed, length)
    equity = np.concatenate(([1.0], cumulative(returns)))
    assert min((each.depth for each in drawdowns(equity)), default=0.0) == pytest.approx(max_drawdown(returns))
