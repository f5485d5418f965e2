"""Fewer points of a long line that still look like it: the lowest and the highest of every stretch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.domain.drawdowns import underwater

Int64Array = NDArray[np.int64]
CURVE_POINTS = 4_000
"""What is kept of a curve beside it: more than a screen is wide, twice."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Equity (paise) and drawdown (a fraction, 0 or negative) at moments (Unix seconds)."""

    at: Int64Array
    paise: Int64Array
    drawdown: NDArray[np.float64]

    @classmethod
    def of(cls, at: Int64Array, paise: Int64Array, capital: int) -> "Curve":
        """The drawdown is from the highest so far, the capital before the first moment included."""
        worth = np.concatenate(([capital], paise)).astype(np.float64)
        return cls(at, paise, underwater(worth)[1:] if len(at) else np.empty(0))


def extremes(values: NDArray[np.float64] | Int64Array, points: int) -> Int64Array:
    """Positions, ascending, of at most about `points` values: first and last of all, and of every stretch of equal
    length its lowest and its highest, so that no spike is lost. All of them where there are no more than `points`.
    """
    if points < 4:
        raise ValueError("a line needs at least four points")
    count = len(values)
    if count <= points:
        return np.arange(count, dtype=np.int64)
    stretches = (points - 2) // 2
    edges = np.linspace(0, count, stretches + 1).astype(np.int64)
    chosen = {0, count - 1}
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = values[begin:end]
        chosen.add(begin + int(np.argmin(part)))
        chosen.add(begin + int(np.argmax(part)))
    return np.array(sorted(chosen), dtype=np.int64)


def thinned(curve: Curve, points: int) -> Curve:
    """A curve of about so many points that has lost no peak and no trough, neither of equity nor of drawdown."""
    if len(curve.at) <= points:
        return curve
    half = max(points // 2, 4)
    chosen = np.union1d(extremes(curve.paise, half), extremes(curve.drawdown, half))
    return Curve(curve.at[chosen], curve.paise[chosen], curve.drawdown[chosen])
