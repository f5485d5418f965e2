"""Fewer points of a long line that still look like it: the lowest and the highest of every stretch."""

import numpy as np
from numpy.typing import NDArray

Int64Array = NDArray[np.int64]


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
