"""Returns from equity and cash flows. Fractions, not per cent: 0.01 is one per cent."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_YEAR_DAYS = 365.0
HIGHEST_RATE = 1e6
"""A yearly rate above it is what a day or two were blown up to, and tells nothing."""
_BISECTIONS = 200


def time_weighted(equity: FloatArray, flows: FloatArray) -> FloatArray:
    """Returns of each period after the first, blind to money paid in and out.

    `equity[i]` is the worth at the end of period i, `flows[i]` what was paid in (out: negative) in that period. A
    flow works from the beginning of its period: a deposit is there before the day's trades. A period that begins
    with nothing has no return and counts as zero.
    """
    base = equity[:-1] + flows[1:]
    gained = equity[1:] - base
    return np.divide(gained, base, out=np.zeros_like(base), where=base > 0)


def cumulative(returns: FloatArray) -> FloatArray:
    """Growth of one rupee after each period: (1 + r₁)(1 + r₂)…"""
    return np.asarray(np.cumprod(1.0 + returns))


def total_return(returns: FloatArray) -> float:
    """The return of all periods together; 0.0 of none."""
    return float(np.prod(1.0 + returns) - 1.0)


def annual_return(returns: FloatArray, periods_per_year: int = 252) -> float:
    """The compound annual growth rate; NaN without returns and above `HIGHEST_RATE`, -1.0 when all was lost."""
    if not len(returns):
        return float("nan")
    growth = float(np.prod(1.0 + returns))
    return float(yearly(growth, periods_per_year / len(returns))) if growth > 0 else -1.0


def yearly(growth: FloatArray | float, times: FloatArray | float) -> FloatArray:
    """What growth repeated so many times a year comes to, as a rate; NaN above `HIGHEST_RATE`."""
    with np.errstate(over="ignore"):
        rate = np.power(growth, times) - 1.0
    return np.asarray(np.where(rate <= HIGHEST_RATE, rate, np.nan))


def money_weighted(dates: Sequence[date], amounts: Sequence[float]) -> float:
    """The yearly rate at which all amounts are worth nothing together (XIRR, actual/365).

    Amounts are the investor's: money paid in is negative, what comes back (and the final worth) positive. NaN when
    they are all of one sign or of one day, for then no rate exists.
    """
    if max(dates, default=date.min) == min(dates, default=date.min):
        return float("nan")
    if not any(amount < 0 for amount in amounts) or not any(amount > 0 for amount in amounts):
        return float("nan")
    first = min(dates)
    years = np.array([(each - first).days / _YEAR_DAYS for each in dates])
    paid = np.array(amounts, dtype=np.float64)

    def worth(rate: float) -> float:
        return float(np.sum(paid * (1.0 + rate) ** -years))

    low, high = -0.999_999, 1.0
    while worth(high) * worth(low) > 0:
        high *= 4.0
        if high > HIGHEST_RATE:
            return float("nan")
    # Bisection: a rate of money in and out may have several roots and Newton's method then wanders between them.
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if worth(low) * worth(middle) <= 0 else (middle, high)
    return (low + high) / 2.0
