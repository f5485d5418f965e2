"""The kernel's one-pass figures against the house's own, over the same daily equity."""

from decimal import Decimal

import numpy as np
import pytest

from analytics.domain import ratios, returns
from analytics.domain.conventions import Conventions
from analytics.domain.drawdowns import max_drawdown, underwater
from analytics.domain.trade_figures import trade_figures
from backtests.domain.kernel import Distance, Sizing, Terms, run

from .market import CHARGED, market_of, random_rows

CONVENTIONS = Conventions(risk_free=0.07)
TERMS = Terms(
    capital=Decimal(1_000_000),
    sizing=Sizing(share=Decimal(2)),
    stop=Distance(percent=Decimal("0.8")),
    rates=CHARGED,
)


def _result(seed: int):
    rows = random_rows(3_000, seed)
    rng = np.random.default_rng(seed)
    signals = np.repeat(rng.integers(-1, 2, 300), 10).astype(np.int8)
    return run(market_of(rows, a_session=25), signals, TERMS, conventions=CONVENTIONS)


@pytest.mark.parametrize("seed", range(5))
def test_risk_and_return_are_those_of_the_daily_returns(seed):
    result = _result(seed)
    daily = np.r_[100_000_000, result.daily].astype(np.float64)
    earned = returns.time_weighted(daily, np.zeros(len(daily)))
    ours = result.figures.of(0)
    expected = {
        "total_return": returns.total_return(earned),
        "annual_return": returns.annual_return(earned),
        "volatility": ratios.volatility(earned, CONVENTIONS),
        "sharpe": ratios.sharpe(earned, CONVENTIONS),
        "sortino": ratios.sortino(earned, CONVENTIONS),
        "calmar": ratios.calmar(earned, CONVENTIONS),
        "max_drawdown": max_drawdown(earned),
        "worst_drawdown": underwater(np.r_[100_000_000, result.equity].astype(np.float64)).min(),
    }
    for name, value in expected.items():
        assert ours[name] == pytest.approx(value, rel=1e-9), name
    assert ours["days"] == len(earned) == 120


@pytest.mark.parametrize("seed", range(5))
def test_moments_are_those_of_the_daily_returns(seed):
    result = _result(seed)
    earned = np.diff(np.r_[100_000_000, result.daily]) / np.r_[100_000_000, result.daily[:-1]]
    centred = earned - earned.mean()
    ours = result.figures.of(0)
    variance = (centred**2).mean()
    assert ours["skew"] == pytest.approx((centred**3).mean() / variance**1.5, rel=1e-7)
    assert ours["kurtosis"] == pytest.approx((centred**4).mean() / variance**2, rel=1e-7)
    assert ours["daily_sharpe"] * 252**0.5 == pytest.approx(ours["sharpe"])


@pytest.mark.parametrize("seed", range(5))
def test_trade_figures_are_those_of_the_trades(seed):
    result = _result(seed)
    net = result.trades().net
    assert not (net % 100).any()
    expected = trade_figures((net // 100).tolist())
    ours = result.figures.of(0)
    assert ours["trades"] == expected.trades > 100
    assert ours["win_rate"] == pytest.approx(float(expected.win_rate))
    assert ours["profit_factor"] == pytest.approx(float(expected.profit_factor))
    assert ours["payoff"] == pytest.approx(float(expected.payoff))
    assert ours["expectancy"] == pytest.approx(float(expected.expectancy_paise))
    assert (ours["best_trade"], ours["worst_trade"]) == (expected.best_paise, expected.worst_paise)
    assert ours["final_equity"] == result.equity[-1]


def test_a_run_without_a_trade_has_no_ratio_and_no_return():
    result = run(market_of(random_rows(50, 1)), np.zeros(50, dtype=np.int8), TERMS)
    ours = result.figures.of(0)
    assert ours["total_return"] == ours["max_drawdown"] == ours["trades"] == ours["exposure"] == 0
    for name in ("sharpe", "volatility", "win_rate", "profit_factor", "best_trade", "skew", "calmar"):
        assert np.isnan(ours[name]), name


def test_no_bars_are_no_run():
    result = run(market_of([]), np.zeros(0, dtype=np.int8), TERMS)
    assert len(result.fills) == len(result.equity) == len(result.trades()) == 0
    assert result.figures.of(0)["final_equity"] == 100_000_000
