"""Oscillators of speed: how fast the price moves, and how far that may go."""

import numpy as np

from .averages import MOST_BARS, SOURCE, ema_settled
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer
from .steps import EMA, SETTLED, ema, wilder

NEUTRAL = 50.0
"""What an oscillator from 0 to 100 says where nothing moved and its ratio is 0/0."""


@kernel
def rsi_step(memory: FloatArray, value: float, period: int) -> float:
    """Wilder's RSI of one line; 50 where nothing moved. Memory: 6."""
    before, seen = memory[1], memory[0] > 0
    memory[0], memory[1] = 1, value
    if not seen:
        return np.nan
    gain = wilder(memory[2:4], max(value - before, 0.0), period)
    loss = wilder(memory[4:6], max(before - value, 0.0), period)
    if np.isnan(gain):
        return np.nan
    return 100.0 * gain / (gain + loss) if gain + loss > 0.0 else NEUTRAL


@kernel
def _rsi(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    for i in range(inputs.shape[1]):
        outputs[0, i] = rsi_step(memory, inputs[0, i], int(p[0]))


RSI = Indicator(
    name="rsi",
    title="Relative Strength Index",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(integer("period", "Period", 14, 2, MOST_BARS), SOURCE),
    outputs=(Output("rsi"),),
    doc="100 × average gain / (average gain + average loss), both averages Wilder's over `period` changes;"
    " 50 where nothing moved.",
    origin="J. W. Wilder, New Concepts in Technical Trading Systems, 1978.",
    recurrence=_rsi,
    memory=lambda p: 2 + 2 * EMA,
    warm_up=lambda p: int((SETTLED + 1) * p[0]) + 1,
    levels=(30.0, 70.0),
)


@kernel
def _macd(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    for i in range(inputs.shape[1]):
        fast = ema(memory[0:2], inputs[0, i], int(p[0]))
        slow = ema(memory[2:4], inputs[0, i], int(p[1]))
        signal = ema(memory[4:6], fast - slow, int(p[2]))
        outputs[0, i] = fast - slow
        outputs[1, i] = signal
        outputs[2, i] = fast - slow - signal


MACD = Indicator(
    name="macd",
    title="Moving Average Convergence Divergence",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(
        integer("fast", "Fast EMA", 12, 2, MOST_BARS),
        integer("slow", "Slow EMA", 26, 3, MOST_BARS),
        integer("signal", "Signal EMA", 9, 2, MOST_BARS),
        SOURCE,
    ),
    outputs=(Output("macd"), Output("signal"), Output("histogram", Style.HISTOGRAM)),
    doc="MACD = EMA(fast) − EMA(slow); signal = EMA of MACD; histogram = MACD − signal. Each EMA begins with the"
    " mean of its own first prices.",
    origin="G. Appel, 1979; the histogram by T. Aspray, 1986.",
    recurrence=_macd,
    memory=lambda p: 3 * EMA,
    warm_up=lambda p: ema_settled(p[1]) + ema_settled(p[2]),
    conflict=lambda values: None if values["fast"] < values["slow"] else "fast must be less than slow.",  # type: ignore[operator]
    levels=(0.0,),
)

INDICATORS = (RSI, MACD)
