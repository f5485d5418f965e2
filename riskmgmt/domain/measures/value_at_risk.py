"""Value at risk and expected shortfall (CVaR) of a book over a horizon, by three methods.

A loss is positive. VaR at 99 % is the loss that is exceeded in 1 % of cases; CVaR the mean loss of those cases.
Daily figures are carried to a longer horizon by the square root of time, as the Basel rules of 1996 did. Sources:
Jorion, "Value at Risk" (3rd ed.), chapters 5, 10 and 12; Acerbi and Tasche (2002) for the tail mean.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

import numpy as np

from trading.marketdata.domain.options.kernel import FloatArray

from .book import Book

LEAST_DAYS = 20
_STANDARD = NormalDist()


class Method(StrEnum):
    """How the distribution of tomorrow's P&L is had."""

    HISTORICAL = "HISTORICAL"
    PARAMETRIC = "PARAMETRIC"
    MONTE_CARLO = "MONTE_CARLO"


class TooLittleHistory(ValueError):
    """There are fewer than `LEAST_DAYS` days of returns, of which no tail can be told."""

    def __init__(self, days: int) -> None:
        super().__init__(f"{days} days of returns; at least {LEAST_DAYS} are needed")
        self.days = days


@dataclass(frozen=True, slots=True)
class ValueAtRisk:
    """Rupees, losses positive; `observations` is how many days or draws the figures stand on."""

    method: Method
    confidence: float
    horizon_days: int
    var: float
    cvar: float
    observations: int


def value_at_risk(
    book: Book,
    returns: FloatArray,
    *,
    method: Method,
    confidence: float = 0.99,
    horizon_days: int = 1,
    draws: int = 10_000,
    seed: int = 0,
) -> ValueAtRisk:
    """Measure a book by daily `returns` (days x drivers, in the order of `book.drivers`, oldest first).

    HISTORICAL lets each past day happen again and revalues everything. PARAMETRIC takes returns as jointly normal
    with zero mean and the book at its present slope. MONTE_CARLO draws from the same normal distribution and
    revalues everything, so that it sees what options do; the same seed gives the same figures. Raises
    `TooLittleHistory`, and ValueError for a confidence outside (0.5, 1) or a horizon below one day.
    """
    if not 0.5 < confidence < 1 or horizon_days < 1:
        raise ValueError("the confidence lies between 0.5 and 1, the horizon is at least a day")
    days = returns.shape[0]
    if not book.assets:
        return ValueAtRisk(method, confidence, horizon_days, 0.0, 0.0, days)
    if days < LEAST_DAYS:
        raise TooLittleHistory(days)
    if method is Method.PARAMETRIC:
        var, cvar = _normal_tail(book, returns, confidence)
        observations = days
    elif method is Method.HISTORICAL:
        var, cvar = _tail(book.pnl(returns), confidence)
        observations = days
    else:
        var, cvar = _tail(book.pnl(_drawn(returns, draws, seed)), confidence)
        observations = draws
    scale = sqrt(horizon_days)
    return ValueAtRisk(
        method, confidence, horizon_days, max(var, 0.0) * scale, max(cvar, 0.0) * scale, observations
    )


def _tail(pnl: FloatArray, confidence: float) -> tuple[float, float]:
    """The loss at the quantile and the mean loss of the tail.

    Of n cases, n(1 - c) lie in the tail, the last of them in part: the tail mean weighs it with that part.
    """
    losses = np.sort(-pnl)[::-1]
    weight = len(losses) * (1.0 - confidence)
    whole = int(weight + 1e-9)
    part = max(weight - whole, 0.0)
    at = min(whole, len(losses) - 1)
    total = float(losses[:whole].sum()) + part * float(losses[at])
    # With less than one whole case the quantile is the worst one seen.
    var = float(losses[at]) if part > 1e-9 else float(losses[max(whole - 1, 0)])
    return var, total / weight if weight > 1e-9 else var


def _normal_tail(book: Book, returns: FloatArray, confidence: float) -> tuple[float, float]:
    exposures = book.delta_values()
    deviation = sqrt(max(float(exposures @ _covariance(returns) @ exposures), 0.0))
    quantile = _STANDARD.inv_cdf(confidence)
    return quantile * deviation, deviation * _STANDARD.pdf(quantile) / (1.0 - confidence)


def _covariance(returns: FloatArray) -> FloatArray:
    """About zero: over a day the mean cannot be told from noise, and a trend must not shrink the risk."""
    covariance: FloatArray = returns.T @ returns / len(returns)
    return covariance


def _drawn(returns: FloatArray, draws: int, seed: int) -> FloatArray:
    """Normal draws (draws x drivers) with the covariance of the returns, through its eigenvectors: a history
    shorter than the number of drivers has no Cholesky factor."""
    sizes, directions = np.linalg.eigh(_covariance(returns))
    spread = directions * np.sqrt(np.maximum(sizes, 0.0))
    standard = np.random.default_rng(seed).standard_normal((draws, len(sizes)))
    # No share loses more than everything.
    drawn: FloatArray = np.maximum(standard @ spread.T, -1.0)
    return drawn
