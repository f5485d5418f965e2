"""Which way the market goes, and whether it goes anywhere."""

import numpy as np

from .averages import MOST_BARS
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer, number
from .steps import SETTLED, true_range, wilder

FLIPS = 500
"""Bars in which a line that turns with the trend has surely turned, after which its beginning is forgotten."""


@kernel
def _supertrend(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0:2] true range, [2:4] its average, [4] direction, [5] upper and [6] lower band, [7] close before.
    for i in range(inputs.shape[1]):
        high, low, close = inputs[0, i], inputs[1, i], inputs[2, i]
        before = memory[7]
        memory[7] = close
        width = p[1] * wilder(memory[2:4], true_range(memory[0:2], high, low, close), int(p[0]))
        if np.isnan(width):
            continue
        upper, lower = (high + low) / 2.0 + width, (high + low) / 2.0 - width
        if memory[4] == 0.0:
            memory[4] = 1.0 if close > upper else -1.0
        else:
            # A band only tightens, until the close before has broken it.
            upper = upper if upper < memory[5] or before > memory[5] else memory[5]
            lower = lower if lower > memory[6] or before < memory[6] else memory[6]
            if memory[4] < 0.0 and close > upper:
                memory[4] = 1.0
            elif memory[4] > 0.0 and close < lower:
                memory[4] = -1.0
        memory[5], memory[6] = upper, lower
        outputs[0, i] = lower if memory[4] > 0.0 else upper
        outputs[1, i] = memory[4]


SUPERTREND = Indicator(
    name="supertrend",
    title="Supertrend",
    group=Group.TREND,
    overlay=True,
    inputs=("high", "low", "close"),
    parameters=(
        integer("period", "ATR period", 10, 1, MOST_BARS),
        number("multiplier", "Multiplier", 3.0, 0.1, 20.0),
    ),
    outputs=(Output("supertrend"), Output("direction", Style.NONE)),
    doc="(high + low)/2 ± `multiplier` × ATR, each band only tightening while the close stays inside. The lower"
    " band supports a rise (direction 1), the upper one caps a fall (−1); a close beyond it turns the trend.",
    origin="O. Seban, 2009.",
    recurrence=_supertrend,
    memory=lambda p: 8,
    warm_up=lambda p: int((SETTLED + 1) * p[0]) + 1 + FLIPS,
)

INDICATORS = (SUPERTREND,)
