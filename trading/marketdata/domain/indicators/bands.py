"""Bands around the price, and how far it swings: volatility."""

import numpy as np

from .averages import MOST_BARS, SOURCE
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer, number
from .settling import ema_settled, wilder_settled
from .steps import EMA, RING, ema, moments_of, remember, true_range, wilder
from .windows import WINDOW, rolling_highs, rolling_lows

MULTIPLIER = number("multiplier", "Multiplier", 2.0, 0.1, 20.0)
_BANDS = (Output("upper", Style.BAND), Output("middle"), Output("lower", Style.BAND))


@kernel
def _bollinger(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period, multiplier = int(p[0]), p[1]
    for i in range(inputs.shape[1]):
        value = inputs[0, i]
        if remember(memory, value, period):
            mean, variance = moments_of(memory, period)
            width = multiplier * np.sqrt(variance)
            outputs[0, i], outputs[1, i], outputs[2, i] = mean + width, mean, mean - width
            outputs[3, i] = (value - mean + width) / (2.0 * width) if width > 0.0 else np.nan
            outputs[4, i] = 200.0 * width / mean if mean != 0.0 else np.nan


BOLLINGER = Indicator(
    name="bollinger",
    title="Bollinger Bands",
    group=Group.VOLATILITY,
    overlay=True,
    inputs=("source",),
    parameters=(integer("period", "Period", 20, 2, MOST_BARS), MULTIPLIER, SOURCE),
    outputs=(*_BANDS, Output("percent_b", Style.NONE), Output("bandwidth", Style.NONE)),
    doc="SMA ± `multiplier` × σ, σ the population standard deviation of the last `period` prices. `percent_b` is"
    " where the price stands between the bands (0 to 1), `bandwidth` their distance in % of the middle.",
    origin="J. Bollinger, Bollinger on Bollinger Bands, 2001.",
    recurrence=_bollinger,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
)


@kernel
def _keltner(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period, atr_period, multiplier = int(p[0]), int(p[1]), p[2]
    average, ranges, atr = memory[0:2], memory[2:4], memory[4:6]
    for i in range(inputs.shape[1]):
        middle = ema(average, inputs[3, i], period)
        reach = true_range(ranges, inputs[0, i], inputs[1, i], inputs[2, i])
        width = multiplier * wilder(atr, reach, atr_period)
        outputs[0, i], outputs[1, i], outputs[2, i] = middle + width, middle, middle - width


KELTNER = Indicator(
    name="keltner",
    title="Keltner Channels",
    group=Group.VOLATILITY,
    overlay=True,
    inputs=("high", "low", "close", "source"),
    parameters=(
        integer("period", "EMA period", 20, 2, MOST_BARS),
        integer("atr_period", "ATR period", 10, 1, MOST_BARS),
        MULTIPLIER,
        SOURCE,
    ),
    outputs=_BANDS,
    doc="EMA of the price over `period` bars ± `multiplier` × Wilder's ATR over `atr_period` bars.",
    origin="C. Keltner, How to Make Money in Commodities, 1960; with EMA and ATR by L. Raschke.",
    recurrence=_keltner,
    memory=lambda p: 2 * EMA + 2,
    warm_up=lambda p: max(ema_settled(p[0]), wilder_settled(p[1]) + 1),
)


@kernel
def _donchian(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    half = WINDOW + period
    upper, middle, lower = outputs[0], outputs[1], outputs[2]
    rolling_highs(memory[:half], inputs[0], period, upper)
    rolling_lows(memory[half:], inputs[1], period, lower)
    for i in range(inputs.shape[1]):
        middle[i] = (upper[i] + lower[i]) / 2.0


DONCHIAN = Indicator(
    name="donchian",
    title="Donchian Channels",
    group=Group.VOLATILITY,
    overlay=True,
    inputs=("high", "low"),
    parameters=(integer("period", "Period", 20, 1, MOST_BARS),),
    outputs=_BANDS,
    doc="The highest high and the lowest low of the last `period` bars, this one included, and half-way between.",
    origin="R. Donchian, 1960s.",
    recurrence=_donchian,
    memory=lambda p: int(2 * (WINDOW + p[0])),
    warm_up=lambda p: int(p[0]),
)


@kernel
def _atr(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    ranges, average = memory[0:2], memory[2:4]
    for i in range(inputs.shape[1]):
        close = inputs[2, i]
        atr = wilder(average, true_range(ranges, inputs[0, i], inputs[1, i], close), period)
        outputs[0, i] = atr
        outputs[1, i] = 100.0 * atr / close if close != 0.0 else np.nan


ATR = Indicator(
    name="atr",
    title="Average True Range",
    group=Group.VOLATILITY,
    overlay=False,
    inputs=("high", "low", "close"),
    parameters=(integer("period", "Period", 14, 1, MOST_BARS),),
    outputs=(Output("atr"), Output("percent", Style.NONE)),
    doc="Wilder's average of the true range, the greater of high and close before less the lesser of low and close"
    " before; `percent` is the ATR in % of the close.",
    origin="J. W. Wilder, New Concepts in Technical Trading Systems, 1978.",
    recurrence=_atr,
    memory=lambda p: EMA + 2,
    warm_up=lambda p: wilder_settled(p[0]) + 1,
)

INDICATORS = (BOLLINGER, KELTNER, DONCHIAN, ATR)
