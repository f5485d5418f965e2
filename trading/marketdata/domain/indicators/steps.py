"""Steps that many recurrences are made of: each takes one value, its memory, and gives one value.

A step that is still warming up gives NaN, and one that is fed NaN changes nothing: so steps chain. Memory begins as
zeros. Rounding never adds up over more bars than a window is long: its sums are begun anew again and again.
"""

import numpy as np

from .bars import FloatArray
from .jit import kernel

EMA = 2
"""Memory of `ema` and of `wilder`."""
SMA = 2
"""Memory of `sma` and `rolling_sum` besides one number for each bar of the period."""
WMA = 3
"""Memory of `wma` besides one number for each bar of the period."""
EXTREME = 3
"""Memory of `highest` and `lowest` besides one number for each bar of the period."""
RING = 1
"""Memory of `lagged` and `remember` besides one number for each bar."""


@kernel
def rolling_sum(memory: FloatArray, value: float, period: int) -> float:
    """The sum of the last `period` values, without ever subtracting: of zeros it is zero, whatever went before.

    The window is the end of a finished block of `period` values and the beginning of the next one: the sums of the
    former's ends are made once, when it is finished, and the latter's sum is carried along.
    """
    if np.isnan(value):
        return np.nan
    count = int(memory[0])
    place = count % period
    memory[0] = count + 1
    memory[1] += value
    total = memory[1]
    if place + 1 < period:
        total += memory[2 + place + 1]
        memory[2 + place] = value
    else:
        memory[2 + place] = value
        for each in range(1 + place, 1, -1):
            memory[each] += memory[each + 1]
        memory[1] = 0.0
    return float(total) if count + 1 >= period else np.nan


@kernel
def sma(memory: FloatArray, value: float, period: int) -> float:
    """The mean of the last `period` values."""
    return rolling_sum(memory, value, period) / period


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
    memory[1] += (value - memory[1]) / period
    return float(memory[1])


@kernel
def wma(memory: FloatArray, value: float, period: int) -> float:
    """Mean weighted 1, 2, … period from the oldest to the newest."""
    if np.isnan(value):
        return np.nan
    count = int(memory[0])
    slot = 3 + count % period
    memory[2] += period * value - memory[1]
    memory[1] += value - memory[slot]
    memory[slot] = value
    memory[0] = count + 1
    if count + 1 < period:
        # The window is filling: weights run to the bars at hand only once it is full.
        memory[2] = 0.0
        return np.nan
    if count % period == period - 1:
        total = 0.0
        weighted = 0.0
        for each in range(period):
            total += memory[3 + each]
            weighted += (each + 1) * memory[3 + each]
        memory[1] = total
        memory[2] = weighted
    return float(memory[2]) / (period * (period + 1) / 2.0)


@kernel
def highest(memory: FloatArray, value: float, period: int) -> float:
    """The greatest of the last `period` values; `bars_since` tells how old it is."""
    if np.isnan(value):
        return np.nan
    count = int(memory[0])
    memory[3 + count % period] = value
    memory[0] = count + 1
    if count == 0 or value >= memory[1]:
        memory[1] = value
        memory[2] = count
    elif count - memory[2] >= period:
        memory[1] = memory[3 + (count + 1) % period]
        memory[2] = count - period + 1
        for age in range(period - 2, -1, -1):
            each = memory[3 + (count - age) % period]
            if each >= memory[1]:
                memory[1] = each
                memory[2] = count - age
    return float(memory[1]) if count + 1 >= period else np.nan


@kernel
def lowest(memory: FloatArray, value: float, period: int) -> float:
    """The least of the last `period` values; `bars_since` tells how old it is."""
    return -highest(memory, -value, period)


@kernel
def bars_since(memory: FloatArray) -> float:
    """How many bars ago the value of `highest` or `lowest` was; the latest of equals."""
    return float(memory[0] - 1 - memory[2])


@kernel
def lagged(memory: FloatArray, value: float, bars: int) -> float:
    """The value of `bars` values ago."""
    if np.isnan(value):
        return np.nan
    count = int(memory[0])
    slot = 1 + count % bars
    before = memory[slot]
    memory[slot] = value
    memory[0] = count + 1
    return float(before) if count >= bars else np.nan


@kernel
def remember(memory: FloatArray, value: float, period: int) -> bool:
    """Keep the last `period` values, the newest overwriting the oldest; True once there are so many."""
    count = int(memory[0])
    memory[1 + count % period] = value
    memory[0] = count + 1
    return count + 1 >= period


@kernel
def mean_of(memory: FloatArray, period: int) -> float:
    """The mean of what `remember` keeps, summed anew; exactly the value where all are equal."""
    first = memory[1]
    total = 0.0
    for each in range(1, 1 + period):
        total += memory[each] - first
    return float(first + total / period)


@kernel
def variance_of(memory: FloatArray, period: int) -> float:
    """The population variance of what `remember` keeps, in two passes: exactly zero where nothing moved."""
    mean = mean_of(memory, period)
    total = 0.0
    for each in range(1, 1 + period):
        total += (memory[each] - mean) ** 2
    return float(total / period)


@kernel
def true_range(memory: FloatArray, high: float, low: float, close: float) -> float:
    """Wilder's true range; NaN for the first bar, which has no close before it. Memory: 2."""
    before = memory[1]
    seen = memory[0] > 0
    memory[0] = 1
    memory[1] = close
    return max(high, before) - min(low, before) if seen else np.nan
