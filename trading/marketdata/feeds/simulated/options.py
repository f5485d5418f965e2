"""Prices of European options on a forward (Black, 1976), vectorised, and the smile that the simulation uses."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RISK_FREE_RATE = 0.065
SECONDS_PER_YEAR = 365 * 86_400.0
_SHORTEST_LIFE_YEARS = 1_800 / SECONDS_PER_YEAR


def normal_cdf(x: FloatArray) -> FloatArray:
    """Standard normal distribution function; absolute error below 7.5e-8 (Abramowitz and Stegun 26.2.17)."""
    k = 1.0 / (1.0 + 0.2316419 * np.abs(x))
    polynomial = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))))
    upper_tail = np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi) * polynomial
    cumulative: FloatArray = np.where(x >= 0.0, 1.0 - upper_tail, upper_tail)
    return cumulative


def black76(
    forward: FloatArray, strike: FloatArray, years: FloatArray, volatility: FloatArray, is_call: NDArray[np.bool_]
) -> FloatArray:
    """Premiums in rupees per unit; volatility is annual (0.15 for 15 %)."""
    life = np.maximum(years, _SHORTEST_LIFE_YEARS)
    deviation = volatility * np.sqrt(life)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    sign = np.where(is_call, 1.0, -1.0)
    undiscounted = sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))
    return np.maximum(undiscounted, 0.0) * np.exp(-RISK_FREE_RATE * life)


def smile(at_the_money: float, forward: FloatArray, strike: FloatArray, years: FloatArray) -> FloatArray:
    """Annual volatility by strike: a parabola in standardised moneyness, dearer on the downside as on NIFTY."""
    life = np.maximum(years, _SHORTEST_LIFE_YEARS)
    moneyness = np.log(strike / forward) / (at_the_money * np.sqrt(life))
    return at_the_money * np.clip(1.0 - 0.035 * moneyness + 0.02 * moneyness**2, 0.6, 2.5)
