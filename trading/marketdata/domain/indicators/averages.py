"""Moving averages."""

from collections.abc import Callable

import numpy as np

from .bars import SOURCES, FloatArray
from .definition import Group, Indicator, Numbers, Output, Recurrence
from .jit import kernel
from .parameters import choice, fast_below_slow, integer
from .settling import ema_settled, wilder_settled
from .steps import EMA, RING, WMA, ema, lagged, wma
from .windows import WINDOW, rolling_means, rolling_sums

MOST_BARS = 500
"""The longest period that a caller may ask for."""
SOURCE = choice("source", "Source", SOURCES)


def _average(
    name: str,
    title: str,
    period: int,
    recurrence: Recurrence,
    memory: Callable[[Numbers], int],
    warm_up: Callable[[Numbers], int],
    doc: str,
    origin: str,
    inputs: tuple[str, ...] = ("source",),
) -> Indicator:
    return Indicator(
        name=name,
        title=title,
        group=Group.TREND,
        overlay=True,
        inputs=inputs,
        parameters=(integer("period", "Period", period, 2, MOST_BARS), SOURCE),
        outputs=(Output(name),),
        doc=doc,
        origin=origin,
        recurrence=recurrence,
        memory=memory,
        warm_up=warm_up,
    )


@kernel
def _sma(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    rolling_means(memory, inputs[0], int(p[0]), outputs[0])


SIMPLE = _average(
    "sma", "Simple Moving Average", 20, _sma, lambda p: WINDOW + int(p[0]), lambda p: int(p[0]),
    "The mean of the last `period` prices, each weighing the same.",
    "Common statistics.",
)  # fmt: skip


@kernel
def _ema(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        outputs[0, i] = ema(memory, inputs[0, i], period)


EXPONENTIAL = _average(
    "ema", "Exponential Moving Average", 20, _ema, lambda p: EMA, lambda p: ema_settled(p[0]),
    "EMA = EMA before + a × (price − EMA before), a = 2 / (period + 1); it begins with the mean of the first"
    " `period` prices.",
    "P. N. Haurlan, 1960s; the weight by J. Hutson.",
)  # fmt: skip


@kernel
def _wma(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        outputs[0, i] = wma(memory, inputs[0, i], period)


WEIGHTED = _average(
    "wma", "Weighted Moving Average", 20, _wma, lambda p: WMA + int(p[0]), lambda p: int(p[0]),
    "The mean of the last `period` prices with weights 1, 2, … `period`, the newest weighing most.",
    "Common statistics.",
)  # fmt: skip


@kernel
def _dema(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    first, second = memory[0:2], memory[2:4]
    for i in range(inputs.shape[1]):
        once = ema(first, inputs[0, i], period)
        twice = ema(second, once, period)
        outputs[0, i] = 2.0 * once - twice


DOUBLE = _average(
    "dema", "Double Exponential Moving Average", 20, _dema, lambda p: 2 * EMA, lambda p: ema_settled(p[0], 2),
    "2 × EMA − EMA of EMA: less lag than an EMA of the same period.",
    "P. G. Mulloy, Technical Analysis of Stocks & Commodities, February 1994.",
)  # fmt: skip


@kernel
def _tema(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    first, second, third = memory[0:2], memory[2:4], memory[4:6]
    for i in range(inputs.shape[1]):
        once = ema(first, inputs[0, i], period)
        twice = ema(second, once, period)
        thrice = ema(third, twice, period)
        outputs[0, i] = 3.0 * once - 3.0 * twice + thrice


TRIPLE = _average(
    "tema", "Triple Exponential Moving Average", 20, _tema, lambda p: 3 * EMA, lambda p: ema_settled(p[0], 3),
    "3 × EMA − 3 × EMA of EMA + EMA of EMA of EMA.",
    "P. G. Mulloy, Technical Analysis of Stocks & Commodities, January 1994.",
)  # fmt: skip


@kernel
def _hma(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    half = max(1, period // 2)
    root = max(1, int(np.sqrt(float(period))))
    whole, short, last = memory[: 3 + period], memory[3 + period : 6 + period + half], memory[6 + period + half :]
    for i in range(inputs.shape[1]):
        value = inputs[0, i]
        fast = wma(short, value, half)
        outputs[0, i] = wma(last, 2.0 * fast - wma(whole, value, period), root)


HULL = _average(
    "hma", "Hull Moving Average", 20, _hma,
    lambda p: 3 * WMA + int(p[0]) + int(p[0]) // 2 + int(p[0] ** 0.5),
    lambda p: int(p[0] + p[0] ** 0.5),
    "WMA over √period of (2 × WMA over period/2 − WMA over period); halves and roots are rounded down.",
    "A. Hull, 2005.",
)  # fmt: skip


@kernel
def _vwma(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    half = WINDOW + period
    values, volumes = inputs[0] * inputs[1], np.empty(inputs.shape[1])
    rolling_sums(memory[:half], values, period, values)
    rolling_sums(memory[half:], inputs[1], period, volumes)
    for i in range(inputs.shape[1]):
        outputs[0, i] = values[i] / volumes[i] if volumes[i] > 0.0 else np.nan


VOLUME_WEIGHTED = _average(
    "vwma", "Volume Weighted Moving Average", 20, _vwma,
    lambda p: 2 * (WINDOW + int(p[0])), lambda p: int(p[0]),
    "Σ(price × volume) / Σ volume over the last `period` bars; no value where none of them has volume.",
    "Common statistics.",
    inputs=("source", "volume"),
)  # fmt: skip


@kernel
def _kama(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] the average, [1] the price before, then the prices and the changes of a period.
    period = int(p[0])
    fastest, slowest = 2.0 / (p[1] + 1.0), 2.0 / (p[2] + 1.0)
    prices, changes = memory[2 : 3 + period], memory[3 + period :]
    moves = np.empty(inputs.shape[1])
    for i in range(inputs.shape[1]):
        moves[i] = abs(inputs[0, i] - memory[1]) if i > 0 or prices[0] > 0.0 else np.nan
        memory[1] = inputs[0, i]
    rolling_sums(changes, moves, period, moves)
    for i in range(inputs.shape[1]):
        value, path = inputs[0, i], moves[i]
        oldest = lagged(prices, value, period)
        if np.isnan(path):
            memory[0] = value
            continue
        efficiency = min(1.0, abs(value - oldest) / path) if path > 0.0 else 1.0
        weight = (efficiency * (fastest - slowest) + slowest) ** 2
        memory[0] += weight * (value - memory[0])
        outputs[0, i] = memory[0]


ADAPTIVE = Indicator(
    name="kama",
    title="Kaufman Adaptive Moving Average",
    group=Group.TREND,
    overlay=True,
    inputs=("source",),
    parameters=(
        integer("period", "Period", 10, 2, MOST_BARS),
        integer("fast", "Fastest EMA", 2, 1, 100),
        integer("slow", "Slowest EMA", 30, 2, 500),
        SOURCE,
    ),
    outputs=(Output("kama"),),
    doc="An EMA whose weight follows the efficiency ratio, |change over period| / Σ|bar to bar changes|: (ratio ×"
    " (2/(fast+1) − 2/(slow+1)) + 2/(slow+1))². A straight move is followed fast, noise slowly.",
    origin="P. J. Kaufman, Smarter Trading, 1995.",
    recurrence=_kama,
    memory=lambda p: int(2 + RING + WINDOW + 2 * p[0]),
    # In pure noise it is as slow as the square of the slowest weight; half of that rarely lasts.
    warm_up=lambda p: int(p[0]) + wilder_settled(((p[2] + 1) / 2) ** 2 / 4),
    conflict=fast_below_slow,
)

INDICATORS = (SIMPLE, EXPONENTIAL, WEIGHTED, DOUBLE, TRIPLE, ADAPTIVE, HULL, VOLUME_WEIGHTED)
