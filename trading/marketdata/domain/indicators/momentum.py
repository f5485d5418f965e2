"""How fast the price moves."""

import numpy as np

from .averages import MOST_BARS, SOURCE
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import fast_below_slow, integer
from .settling import ema_settled, wilder_settled
from .steps import EMA, RING, ema, lagged

NEUTRAL = 50.0
"""What an oscillator from 0 to 100 says where nothing moved and its ratio is 0/0."""


RSI_MEMORY = 4


@kernel
def strength(memory: FloatArray, values: FloatArray, period: int, rsi: FloatArray) -> None:
    """Wilder's RSI of a line; 50 where nothing moved. Memory: RSI_MEMORY."""
    # What is carried stays in registers: `wilder` for both averages, which are of one age.
    seen, before, gain, loss = memory[0], memory[1], memory[2], memory[3]
    weight = 1.0 / period
    for i in range(len(values)):
        change = values[i] - before
        before = values[i]
        up, down = max(change, 0.0), max(-change, 0.0)
        seen += 1.0
        if seen > period + 1:
            gain += (up - gain) * weight
            loss += (down - loss) * weight
        elif seen > 1.0:
            gain += up
            loss += down
            if seen > period:
                gain /= period
                loss /= period
        if seen > period:
            rsi[i] = 100.0 * gain / (gain + loss) if gain + loss > 0.0 else NEUTRAL
        else:
            rsi[i] = np.nan
    memory[0], memory[1], memory[2], memory[3] = seen, before, gain, loss


@kernel
def _rsi(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    strength(memory, inputs[0], int(p[0]), outputs[0])


RSI = Indicator(
    name="rsi",
    title="Relative Strength Index",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(integer("period", "Period", 14, 2, MOST_BARS), SOURCE),
    outputs=(Output("rsi"),),
    doc="100 × average gain / (average gain + average loss), both averages Wilder's over `period` changes; 50"
    " where nothing moved.",
    origin="J. W. Wilder, New Concepts in Technical Trading Systems, 1978.",
    recurrence=_rsi,
    memory=lambda p: RSI_MEMORY,
    warm_up=lambda p: wilder_settled(p[0]) + 1,
    levels=(30.0, 70.0),
)


@kernel
def _macd(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    short, long, smooth = int(p[0]), int(p[1]), int(p[2])
    first, second, third = memory[0:2], memory[2:4], memory[4:6]
    for i in range(inputs.shape[1]):
        fast = ema(first, inputs[0, i], short)
        slow = ema(second, inputs[0, i], long)
        signal = ema(third, fast - slow, smooth)
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
    warm_up=lambda p: ema_settled(max(p[1], p[2]), 2),
    conflict=fast_below_slow,
    levels=(0.0,),
)


@kernel
def _trix(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period, smooth = int(p[0]), int(p[1])
    first, second, third, signal, last = memory[0:2], memory[2:4], memory[4:6], memory[6:8], memory[8:10]
    for i in range(inputs.shape[1]):
        once = ema(first, inputs[0, i], period)
        twice = ema(second, once, period)
        thrice = ema(third, twice, period)
        before = lagged(last, thrice, 1)
        change = 100.0 * (thrice - before) / before
        outputs[0, i] = change
        outputs[1, i] = ema(signal, change, smooth)


TRIX = Indicator(
    name="trix",
    title="TRIX",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(
        integer("period", "Period", 15, 2, MOST_BARS),
        integer("signal", "Signal EMA", 9, 2, MOST_BARS),
        SOURCE,
    ),
    outputs=(Output("trix"), Output("signal")),
    doc="The percentage change from bar to bar of a triple-smoothed EMA (EMA of EMA of EMA), and an EMA of that.",
    origin="J. Hutson, Technical Analysis of Stocks & Commodities, 1983.",
    recurrence=_trix,
    memory=lambda p: 4 * EMA + RING + 1,
    warm_up=lambda p: ema_settled(max(p[0], p[1]), 4),
    levels=(0.0,),
)


@kernel
def _roc(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        before = lagged(memory, inputs[0, i], period)
        outputs[0, i] = 100.0 * (inputs[0, i] - before) / before if before != 0.0 else np.nan


ROC = Indicator(
    name="roc",
    title="Rate of Change",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(integer("period", "Period", 10, 1, MOST_BARS), SOURCE),
    outputs=(Output("roc"),),
    doc="100 × (price − price of `period` bars ago) / that price.",
    origin="Common statistics.",
    recurrence=_roc,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
    levels=(0.0,),
)


@kernel
def _momentum(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        outputs[0, i] = inputs[0, i] - lagged(memory, inputs[0, i], period)


MOMENTUM = Indicator(
    name="momentum",
    title="Momentum",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(integer("period", "Period", 10, 1, MOST_BARS), SOURCE),
    outputs=(Output("momentum"),),
    doc="Price − price of `period` bars ago, in rupees.",
    origin="Common statistics.",
    recurrence=_momentum,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
    levels=(0.0,),
)

INDICATORS = (RSI, MACD, TRIX, ROC, MOMENTUM)
