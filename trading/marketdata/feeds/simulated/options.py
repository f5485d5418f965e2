"""What the simulation's options are worth, and the smile that it uses."""

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.kernel import FloatArray

RISK_FREE_RATE = 0.065
SECONDS_PER_YEAR = 365 * 86_400.0
_SHORTEST_LIFE_YEARS = 1_800 / SECONDS_PER_YEAR


def black76(
    forward: FloatArray, strike: FloatArray, years: FloatArray, volatility: FloatArray, is_call: NDArray[np.bool_]
) -> FloatArray:
    """Premiums in rupees per unit; volatility is annual (0.15 for 15 %). Half an hour of life always remains."""
    life = np.maximum(years, _SHORTEST_LIFE_YEARS)
    return kernel.price(is_call, forward, strike, life, volatility, rate=RISK_FREE_RATE)


def smile(at_the_money: float, forward: FloatArray, strike: FloatArray, years: FloatArray) -> FloatArray:
    """Annual volatility by strike: a parabola in standardised moneyness, dearer on the downside as on NIFTY."""
    life = np.maximum(years, _SHORTEST_LIFE_YEARS)
    moneyness = np.log(strike / forward) / (at_the_money * np.sqrt(life))
    return at_the_money * np.clip(1.0 - 0.035 * moneyness + 0.02 * moneyness**2, 0.6, 2.5)
