"""Made-up bars for the tests of indicators."""

import numpy as np

from trading.marketdata.domain.indicators import Bars
from trading.marketdata.domain.indicators.bars import FloatArray

SESSION_BARS = 75
"""Five-minute bars of one session."""
MONDAY = 1_471_837_500.0
"""09:15 in India on 22 August 2016."""


def wandering(count: int, seed: int = 1, *, start: float = 1000.0, swing: float = 2.0) -> Bars:
    """A random walk in paise; some bars without volume, some without range, some that repeat a price."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, swing, count) * (rng.random(count) > 0.1)
    close = np.maximum(np.round(start + np.cumsum(steps), 2), 1.0)
    opening = np.round(close + rng.normal(0, swing / 2, count), 2)
    reach = rng.random((2, count)) * swing * (rng.random(count) > 0.05)
    opening = np.where(reach.any(axis=0), np.maximum(opening, 0.5), close)
    high = np.round(np.maximum(opening, close) + reach[0], 2)
    low = np.round(np.maximum(np.minimum(opening, close) - reach[1], 0.05), 2)
    volume = np.floor(rng.exponential(10_000, count)) * (rng.random(count) > 0.05)
    against = np.maximum(np.round(2000 + 0.5 * np.cumsum(steps) + np.cumsum(rng.normal(0, swing, count)), 2), 1.0)
    return Bars(opening, high, low, close, volume, sessions(count), against)


def sessions(count: int) -> FloatArray:
    """The open of each bar's session: one a day, weekends included."""
    return (MONDAY + (np.arange(count) // SESSION_BARS) * 86_400.0).astype(np.float64)


def flat(count: int, price: float = 100.1) -> Bars:
    """Bars in which nothing moves and nothing is traded."""
    line = np.full(count, price)
    return Bars(line, line, line, line, np.zeros(count), sessions(count), line)


def same(one: FloatArray, other: FloatArray, tolerance: float = 1e-9) -> bool:
    """Equal to a relative tolerance (absolute below 1), NaN in the same places."""
    if not np.array_equal(np.isnan(one), np.isnan(other)):
        return False
    known = ~np.isnan(one)
    distance = np.abs(one[known] - other[known])
    return bool((distance <= tolerance * np.maximum(1.0, np.abs(other[known]))).all())
