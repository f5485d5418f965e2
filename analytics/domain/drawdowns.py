"""How far equity fell below its last peak, and how long it took to come back."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .returns import FloatArray


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall below a peak. Positions in the equity curve; `depth` is a negative fraction of the peak.

    `recovered` is the first position at or above the peak again, None while it is still under water.
    """

    peak: int
    trough: int
    recovered: int | None
    depth: float


def underwater(equity: FloatArray) -> FloatArray:
    """The fraction by which equity lies below its highest so far, at each position; zero or negative."""
    peaks = np.maximum.accumulate(equity)
    return np.divide(equity - peaks, peaks, out=np.zeros_like(equity), where=peaks > 0)


def max_drawdown(returns: FloatArray) -> float:
    """The deepest fall of the growth of one rupee, which starts at one; zero or negative."""
    if not len(returns):
        return 0.0
    return float(np.min(underwater(np.concatenate(([1.0], np.cumprod(1.0 + returns))))))


def drawdowns(equity: FloatArray) -> tuple[Drawdown, ...]:
    """Every fall below a peak, in order of time."""
    return tuple(_episodes(underwater(equity)))


def _episodes(water: FloatArray) -> Iterator[Drawdown]:
    below = np.flatnonzero(water < 0)
    if not len(below):
        return
    breaks = np.flatnonzero(np.diff(below) > 1) + 1
    for run in np.split(below, breaks):
        trough = int(run[np.argmin(water[run])])
        after = int(run[-1]) + 1
        recovered = after if after < len(water) else None
        yield Drawdown(int(run[0]) - 1, trough, recovered, float(water[trough]))
