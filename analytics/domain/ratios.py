"""Ratios of return and risk over an array of period returns.

NaN where a ratio has no meaning: too few returns, no deviation, no loss. Definitions as in Sharpe (1994), Sortino
and Price (1994), Young (1991, Calmar), Keating and Shadwick (2002, Omega); the tests hold them against empyrical.
"""

import numpy as np

from .conventions import Conventions
from .drawdowns import max_drawdown
from .returns import FloatArray, annual_return, yearly

NAN = float("nan")


def volatility(returns: FloatArray, conventions: Conventions) -> float:
    """The yearly sample deviation of returns."""
    if len(returns) < 2:
        return NAN
    return float(np.std(returns, ddof=1) * np.sqrt(conventions.periods_per_year))


def sharpe(returns: FloatArray, conventions: Conventions) -> float:
    """Mean excess return over the risk-free rate by its deviation, a year."""
    if len(returns) < 2:
        return NAN
    excess = returns - conventions.risk_free_per_period
    deviation = float(np.std(excess, ddof=1))
    return _ratio(float(np.mean(excess)), deviation) * float(np.sqrt(conventions.periods_per_year))


def downside_deviation(returns: FloatArray, conventions: Conventions) -> float:
    """The yearly root mean square of what returns lack of the risk-free rate; periods above it count as zero."""
    if not len(returns):
        return NAN
    shortfall = np.minimum(returns - conventions.risk_free_per_period, 0.0)
    return float(np.sqrt(np.mean(shortfall**2)) * np.sqrt(conventions.periods_per_year))


def sortino(returns: FloatArray, conventions: Conventions) -> float:
    """Mean excess return by the downside deviation, a year."""
    if len(returns) < 2:
        return NAN
    excess = float(np.mean(returns - conventions.risk_free_per_period)) * conventions.periods_per_year
    return _ratio(excess, downside_deviation(returns, conventions))


def calmar(returns: FloatArray, conventions: Conventions) -> float:
    """The annual return by the deepest drawdown."""
    return _ratio(annual_return(returns, conventions.periods_per_year), -max_drawdown(returns))


def omega(returns: FloatArray, conventions: Conventions) -> float:
    """Gains above the risk-free rate by losses below it."""
    excess = returns - conventions.risk_free_per_period
    return _ratio(float(np.sum(excess[excess > 0])), -float(np.sum(excess[excess < 0])))


def value_at_risk(returns: FloatArray, confidence: float = 0.95) -> float:
    """The return that is undercut in one period of 1 / (1 - confidence); a loss is negative."""
    return float(np.percentile(returns, 100.0 * (1.0 - confidence))) if len(returns) else NAN


def conditional_value_at_risk(returns: FloatArray, confidence: float = 0.95) -> float:
    """The mean of the returns at and below the value at risk."""
    if not len(returns):
        return NAN
    worst = int((len(returns) - 1) * (1.0 - confidence)) + 1
    return float(np.mean(np.partition(returns, worst - 1)[:worst]))


def beta(returns: FloatArray, index: FloatArray) -> float:
    """How far returns follow an index: their covariance by the index's variance."""
    if len(returns) < 2:
        return NAN
    return _ratio(float(np.cov(returns, index, ddof=1)[0, 1]), float(np.var(index, ddof=1)))


def alpha(returns: FloatArray, index: FloatArray, conventions: Conventions) -> float:
    """The yearly return beyond what beta explains (Jensen), compounded."""
    free = conventions.risk_free_per_period
    per_period = float(np.mean(returns - free - beta(returns, index) * (index - free))) if len(returns) else NAN
    return float(yearly(1.0 + per_period, conventions.periods_per_year))


def correlation(returns: FloatArray, index: FloatArray) -> float:
    """Pearson's correlation with an index."""
    if len(returns) < 2 or not np.std(returns) or not np.std(index):
        return NAN
    return float(np.corrcoef(returns, index)[0, 1])


def _ratio(numerator: float, denominator: float) -> float:
    # A deviation that is nothing but rounding would make a ratio of millions.
    return numerator / denominator if denominator > 1e-15 else NAN
