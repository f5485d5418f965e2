"""Bands around the price, and how wide they are: volatility."""

import numpy as np

from .averages import MOST_BARS, SOURCE
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer, number
from .steps import RING, mean_of, remember, variance_of

MULTIPLIER = number("multiplier", "Multiplier", 2.0, 0.1, 20.0)


@kernel
def _bollinger(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        if remember(memory, inputs[0, i], period):
            mean = mean_of(memory, period)
            width = p[1] * np.sqrt(variance_of(memory, period))
            outputs[0, i] = mean + width
            outputs[1, i] = mean
            outputs[2, i] = mean - width


BOLLINGER = Indicator(
    name="bollinger",
    title="Bollinger Bands",
    group=Group.VOLATILITY,
    overlay=True,
    inputs=("source",),
    parameters=(integer("period", "Period", 20, 2, MOST_BARS), MULTIPLIER, SOURCE),
    outputs=(Output("upper", Style.BAND), Output("middle"), Output("lower", Style.BAND)),
    doc="SMA ± `multiplier` × σ, σ the population standard deviation of the last `period` prices.",
    origin="J. Bollinger, Bollinger on Bollinger Bands, 2001.",
    recurrence=_bollinger,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
)

INDICATORS = (BOLLINGER,)
