"""Steps that many recurrences are made of: each takes one value, its memory, and gives one value.

A step that is still warming up gives NaN, and one that is fed NaN changes nothing: so steps chain. Memory begins as
zeros. Rounding never adds up over more bars than a window is long: its sums are begun anew again and again. Sums
and extremes of windows are made line by line: `windows`.

A window lies in a ring. Its count begins at nil and, once the ring has been filled, runs from one period to two and
round again: that tells whether the ring is full and where the next value goes, without a division.
"""

import numpy as np

from .bars import FloatArray
from .jit import kernel

EMA = 2
"""Memory of `ema` and of `wilder`."""
WMA = 3
"""Memory of `wma` besides one number for each bar of the period."""
EXTREME = 3
"""Memory of `highest` and `lowest` besides one number for each bar of the period."""
RING = 1
"""Memory of `lagged` and `remember` besides one number for each bar."""


@kernel
def ring_place(memory: FloatArray, period: int) -> int:
    """Where the next value of a ring goes; `memory[0]` is its count."""
    count = int(memory[0])
    return count if count < period else count - period


@kernel
def ring_turn(memory: FloatArray, period: int) -> bool:
    """Count a value that was put into a ring; whether the ring is full."""
    count = memory[0] + 1.0
    memory[0] = count if count < 2 * period else float(period)
    return bool(count >= period)


@kernel
def ema(memory: FloatArray, value: float, period: int) -> float:
    """Exponential average with weight 2/(period+1), begun with the mean of the first `period` values."""
    if np.isnan(value):
        return np.nan
    count = int(memory[0])
    memory[0] = count + 1
    if count < period:
        memory[1] += value
        if count + 1 < period:
            return np.nan
        memory[1] /= period
        return float(memory[1])
    memory[1] += (value - memory[1]) * (2.0 / (period + 1))
    return float(memory[1])


@kernel
def wilder(memory: FloatArray, value: float, period: int) -> float:
    """Wilder's average: weight 1/period, begun with the mean of the first `period` values."""
    if np.isnan(value):
        return np.nan
    count = int(memory[0])
    memory[0] = count + 1
    if count < period:
        memory[1] += value
        if count + 1 < period:
            return np.nan
        memory[1] /= period
        return float(memory[1])
    # Times the weight: a division would keep each bar waiting for the one before.
    memory[1] += (value - memory[1]) * (1.0 / period)
    return float(memory[1])


@kernel
def wma(memory: FloatArray, value: float, period: int) -> float:
    """Mean weighted 1, 2, … period from the oldest to the newest."""
    if np.isnan(value):
        return np.nan
    place = ring_place(memory, period)
    memory[2] += period * value - memory[1]
    memory[1] += value - memory[3 + place]
    memory[3 + place] = value
    if place + 1 == period:
        total, weighted = 0.0, 0.0
        for each in range(period):
            total += memory[3 + each]
            weighted += (each + 1) * memory[3 + each]
        memory[1], memory[2] = total, weighted
    return float(memory[2] / (period * (period + 1) / 2.0)) if ring_turn(memory, period) else np.nan


@kernel
def highest(memory: FloatArray, value: float, period: int) -> float:
    """The greatest of the last `period` values; `bars_since` tells how old it is."""
    if np.isnan(value):
        return np.nan
    # [0] count, [1] the greatest, [2] its age.
    place = ring_place(memory, period)
    memory[3 + place] = value
    memory[2] += 1.0
    if memory[0] == 0.0 or value >= memory[1]:
        memory[1], memory[2] = value, 0.0
    elif memory[2] >= period:
        _search(memory, place, period)
    return float(memory[1]) if ring_turn(memory, period) else np.nan


@kernel
def _search(memory: FloatArray, newest: int, period: int) -> None:
    """Find the greatest value of a full ring anew; the latest of equals."""
    best, found = memory[3 + newest], newest
    for each in range(newest - 1, -1, -1):
        if memory[3 + each] > best:
            best, found = memory[3 + each], each
    for each in range(period - 1, newest, -1):
        if memory[3 + each] > best:
            best, found = memory[3 + each], each
    memory[1] = best
    memory[2] = newest - found if found <= newest else newest - found + period


@kernel
def lowest(memory: FloatArray, value: float, period: int) -> float:
    """The least of the last `period` values; `bars_since` tells how old it is."""
    return -highest(memory, -value, period)


@kernel
def bars_since(memory: FloatArray) -> float:
    """How many bars ago the value of `highest` or `lowest` was; the latest of equals."""
    return float(memory[2])


@kernel
def lagged(memory: FloatArray, value: float, bars: int) -> float:
    """The value of `bars` values ago."""
    if np.isnan(value):
        return np.nan
    place = ring_place(memory, bars)
    before = memory[1 + place] if memory[0] >= bars else np.nan
    memory[1 + place] = value
    ring_turn(memory, bars)
    return float(before)


@kernel
def remember(memory: FloatArray, value: float, period: int) -> bool:
    """Keep the last `period` values, the newest overwriting the oldest; True once there are so many."""
    memory[1 + ring_place(memory, period)] = value
    return ring_turn(memory, period)


@kernel
def mean_of(memory: FloatArray, period: int) -> float:
    """The mean of what `remember` keeps, summed anew; exactly the value where all are equal."""
    first = memory[1]
    total = 0.0
    for each in range(2, 1 + period):
        total += memory[each] - first
    return float(first + total / period)


@kernel
def moments_of(memory: FloatArray, period: int) -> tuple[float, float]:
    """Mean and population variance of what `remember` keeps, summed anew; exactly zero where nothing moved."""
    # Distances from a value of the window: no digits are lost to the price's own size.
    first = memory[1]
    total, squares = 0.0, 0.0
    for each in range(2, 1 + period):
        distance = memory[each] - first
        total += distance
        squares += distance * distance
    mean = total / period
    return float(first + mean), max(squares / period - mean * mean, 0.0)


@kernel
def true_range(memory: FloatArray, high: float, low: float, close: float) -> float:
    """Wilder's true range; NaN for the first bar, which has no close before it. Memory: 2."""
    before = memory[1]
    seen = memory[0] > 0
    memory[0] = 1
    memory[1] = close
    return max(high, before) - min(low, before) if seen else np.nan
