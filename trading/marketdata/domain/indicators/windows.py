"""Sums, means and extremes of moving windows, over many values at a time.

A window is the end of a finished block of `period` values and the beginning of the next one. What the former's
ends come to is worked out once, when it is finished, and the latter is carried along: so nothing is ever taken off
again, and each value costs the same however long the window is.

Each of these runs over a line and keeps what is carried in registers; a single new value is a line of one. Values
that are NaN give NaN and change nothing. The result may overwrite the line it was made of. Memory begins as zeros:
a count, what is carried, and the block.
"""

import numpy as np

from .bars import FloatArray
from .jit import kernel

WINDOW = 2
"""Memory besides one number for each bar of the period."""


@kernel
def rolling_sums(memory: FloatArray, values: FloatArray, period: int, sums: FloatArray) -> None:
    """Sums of the last `period` values, NaN before there are so many. Of zeros they are zero, whatever went
    before."""
    # A count runs from nil to one period, and from then on from one to two and round again.
    count = int(memory[0])
    is_full = count >= period
    place = count - period if is_full else count
    carried = memory[1]
    for i in range(len(values)):
        value = values[i]
        if np.isnan(value):
            sums[i] = np.nan
            continue
        carried += value
        total = carried
        memory[WINDOW + place] = value
        place += 1
        if place < period:
            total += memory[WINDOW + place]
        else:
            end = memory[WINDOW + period - 1]
            for each in range(WINDOW + period - 2, WINDOW - 1, -1):
                end += memory[each]
                memory[each] = end
            carried, place, is_full = 0.0, 0, True
        sums[i] = total if is_full else np.nan
    memory[0] = place + period if is_full else place
    memory[1] = carried


@kernel
def rolling_means(memory: FloatArray, values: FloatArray, period: int, means: FloatArray) -> None:
    """Means of the last `period` values."""
    rolling_sums(memory, values, period, means)
    for i in range(len(means)):
        means[i] /= period


@kernel
def rolling_highs(memory: FloatArray, values: FloatArray, period: int, highs: FloatArray) -> None:
    """The greatest of the last `period` values."""
    count = int(memory[0])
    is_full = count >= period
    place = count - period if is_full else count
    carried = memory[1]
    for i in range(len(values)):
        value = values[i]
        if np.isnan(value):
            highs[i] = np.nan
            continue
        carried = max(carried, value) if place else value
        highest = carried
        memory[WINDOW + place] = value
        place += 1
        if place < period:
            highest = max(highest, memory[WINDOW + place])
        else:
            end = memory[WINDOW + period - 1]
            for each in range(WINDOW + period - 2, WINDOW - 1, -1):
                end = max(end, memory[each])
                memory[each] = end
            place, is_full = 0, True
        highs[i] = highest if is_full else np.nan
    memory[0] = place + period if is_full else place
    memory[1] = carried


@kernel
def rolling_lows(memory: FloatArray, values: FloatArray, period: int, lows: FloatArray) -> None:
    """The least of the last `period` values."""
    for i in range(len(values)):
        lows[i] = -values[i]
    rolling_highs(memory, lows, period, lows)
    for i in range(len(lows)):
        lows[i] = -lows[i]
