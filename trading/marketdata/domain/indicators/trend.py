"""Which way the market goes, and whether it goes anywhere."""

import numpy as np

from .averages import MOST_BARS
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer, number
from .settling import TURNS, wilder_settled
from .steps import EXTREME, bars_since, highest, lowest, true_range, wilder


@kernel
def _supertrend(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0:2] true range, [2:4] its average, [4] direction, [5] upper and [6] lower band, [7] close before.
    period, multiplier = int(p[0]), p[1]
    ranges, average = memory[0:2], memory[2:4]
    for i in range(inputs.shape[1]):
        high, low, close = inputs[0, i], inputs[1, i], inputs[2, i]
        before = memory[7]
        memory[7] = close
        width = multiplier * wilder(average, true_range(ranges, high, low, close), period)
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
    warm_up=lambda p: wilder_settled(p[0]) + TURNS,
)


@kernel
def _adx(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] bars, [1:4] high, low and close before, [4] +DM, [5] -DM, [6] true range, [7:9] average of DX.
    period = int(p[0])
    average = memory[7:9]
    for i in range(inputs.shape[1]):
        high, low, close = inputs[0, i], inputs[1, i], inputs[2, i]
        bar = int(memory[0])
        if bar > 0:
            # Wilder's sums: of period - 1 moves first, then each move takes the place of a period-th of the sum.
            kept = 1.0 if bar < period else 1.0 - 1.0 / period
            up, down = high - memory[1], memory[2] - low
            memory[4] = memory[4] * kept + (up if up > down and up > 0.0 else 0.0)
            memory[5] = memory[5] * kept + (down if down > up and down > 0.0 else 0.0)
            memory[6] = memory[6] * kept + (max(high, memory[3]) - min(low, memory[3]))
        memory[0], memory[1], memory[2], memory[3] = bar + 1, high, low, close
        if bar < period:
            continue
        plus = 100.0 * memory[4] / memory[6] if memory[6] > 0.0 else 0.0
        minus = 100.0 * memory[5] / memory[6] if memory[6] > 0.0 else 0.0
        strength = 100.0 * abs(plus - minus) / (plus + minus) if plus + minus > 0.0 else 0.0
        outputs[0, i] = wilder(average, strength, period)
        outputs[1, i], outputs[2, i] = plus, minus


ADX = Indicator(
    name="adx",
    title="Average Directional Index",
    group=Group.TREND,
    overlay=False,
    inputs=("high", "low", "close"),
    parameters=(integer("period", "Period", 14, 2, MOST_BARS),),
    outputs=(Output("adx"), Output("plus_di"), Output("minus_di")),
    doc="+DI and −DI: 100 × Wilder's sum of upward (downward) moves / his sum of true ranges; ADX: Wilder's"
    " average of 100 × |+DI − −DI| / (+DI + −DI). Above 25 a trend is strong; which way, the DIs tell.",
    origin="J. W. Wilder, New Concepts in Technical Trading Systems, 1978.",
    recurrence=_adx,
    memory=lambda p: 9,
    warm_up=lambda p: wilder_settled(p[0], 2),
    levels=(25.0,),
)


@kernel
def _aroon(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    highs, lows = memory[: 4 + period], memory[4 + period :]
    for i in range(inputs.shape[1]):
        lowest(lows, inputs[1, i], period + 1)
        if not np.isnan(highest(highs, inputs[0, i], period + 1)):
            up = 100.0 * (period - bars_since(highs)) / period
            down = 100.0 * (period - bars_since(lows)) / period
            outputs[0, i], outputs[1, i], outputs[2, i] = up, down, up - down


AROON = Indicator(
    name="aroon",
    title="Aroon",
    group=Group.TREND,
    overlay=False,
    inputs=("high", "low"),
    parameters=(integer("period", "Period", 14, 2, MOST_BARS),),
    outputs=(Output("up"), Output("down"), Output("oscillator", Style.NONE)),
    doc="Up: 100 × (period − bars since the highest high) / period, over period + 1 bars; down the same of the"
    " lowest low; the oscillator is up − down. Of equal highs the latest counts.",
    origin="T. Chande, Technical Analysis of Stocks & Commodities, September 1995.",
    recurrence=_aroon,
    memory=lambda p: 2 * (EXTREME + int(p[0]) + 1),
    warm_up=lambda p: int(p[0]) + 1,
)


@kernel
def _turned(sar: float, extreme: float, step: float, bound: float, other: float) -> float:
    """The stop of the next bar, held beyond the extremes of the last two bars; `sar` below the price."""
    return min(sar + step * (extreme - sar), bound, other)


@kernel
def _psar(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] bars, [1] direction, [2] extreme of the trend, [3] its stop, [4] acceleration, [5:7] high and low before.
    step, most = p[0], p[1]
    first = min(step, most)
    for i in range(inputs.shape[1]):
        high, low = inputs[0, i], inputs[1, i]
        bar = int(memory[0])
        if bar == 1:
            down, up = memory[6] - low, high - memory[5]
            memory[1] = -1.0 if down > 0.0 and down > up else 1.0
            memory[2] = high if memory[1] > 0.0 else low
            memory[3] = memory[6] if memory[1] > 0.0 else memory[5]
            memory[4] = first
            memory[5], memory[6] = high, low
        if bar > 0:
            # Falling is rising with the sign turned: one rule serves both.
            sign = memory[1]
            top, floor = (high, low) if sign > 0.0 else (-low, -high)
            top_before, floor_before = (memory[5], memory[6]) if sign > 0.0 else (-memory[6], -memory[5])
            stop, extreme = sign * memory[3], sign * memory[2]
            if floor <= stop:
                outputs[0, i] = sign * max(extreme, top_before, top)
                stop = -max(extreme, top_before, top)
                memory[1], memory[4] = -sign, first
                memory[2] = sign * floor
                memory[3] = -sign * _turned(stop, -floor, first, -top_before, -top)
            else:
                outputs[0, i] = sign * stop
                if top > extreme:
                    extreme = top
                    memory[4] = min(memory[4] + step, most)
                memory[2] = sign * extreme
                memory[3] = sign * _turned(stop, extreme, memory[4], floor_before, floor)
            outputs[1, i] = memory[1]
        memory[0], memory[5], memory[6] = bar + 1, high, low


PARABOLIC = Indicator(
    name="psar",
    title="Parabolic SAR",
    group=Group.TREND,
    overlay=True,
    inputs=("high", "low"),
    parameters=(
        number("acceleration", "Acceleration", 0.02, 0.001, 1.0, 0.01),
        number("maximum", "Greatest acceleration", 0.2, 0.001, 1.0, 0.01),
    ),
    outputs=(Output("psar", Style.MARKERS), Output("direction", Style.NONE)),
    doc="A stop that follows the trend: stop + a × (extreme of the trend − stop), never inside the last two bars;"
    " a grows by `acceleration` with each new extreme up to `maximum`. A touch turns it to the old extreme.",
    origin="J. W. Wilder, New Concepts in Technical Trading Systems, 1978.",
    recurrence=_psar,
    memory=lambda p: 7,
    warm_up=lambda p: TURNS,
)


@kernel
def _zigzag(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] bars, [1] direction of the leg, [2] high and [3] its bar, [4] low and [5] its bar, since the pivot.
    share = p[0] / 100.0
    for i in range(inputs.shape[1]):
        high, low = inputs[0, i], inputs[1, i]
        bar = memory[0]
        memory[0] = bar + 1
        if bar == 0 or (high > memory[2] and memory[1] >= 0.0):
            memory[2], memory[3] = high, bar
        if bar == 0 or (low < memory[4] and memory[1] <= 0.0):
            memory[4], memory[5] = low, bar
        fell = memory[1] >= 0.0 and memory[3] < bar and low <= memory[2] * (1.0 - share)
        rose = memory[1] <= 0.0 and memory[5] < bar and high >= memory[4] * (1.0 + share)
        if fell and not rose:
            outputs[0, i], outputs[1, i] = memory[2], bar - memory[3]
            memory[1], memory[4], memory[5] = -1.0, low, bar
        elif rose and not fell:
            outputs[0, i], outputs[1, i] = memory[4], bar - memory[5]
            memory[1], memory[2], memory[3] = 1.0, high, bar
        if memory[1] != 0.0:
            outputs[2, i] = memory[1]
            outputs[3, i] = memory[2] if memory[1] > 0.0 else memory[4]


ZIGZAG = Indicator(
    name="zigzag",
    title="ZigZag",
    group=Group.TREND,
    overlay=True,
    inputs=("high", "low"),
    parameters=(number("deviation", "Deviation %", 5.0, 0.1, 50.0, 0.1),),
    outputs=(
        Output("pivot", Style.MARKERS),
        Output("bars_back", Style.NONE),
        Output("direction", Style.NONE),
        Output("extreme", Style.NONE),
    ),
    doc="A high is a pivot once a low lies `deviation` % below it, a low once a high lies as much above. Known"
    " only at that bar: there `pivot` is its price and `bars_back` how many bars ago it was; `extreme` is the"
    " leg's so far.",
    origin="A. Merrill, Filtered Waves, 1977.",
    recurrence=_zigzag,
    memory=lambda p: 6,
    warm_up=lambda p: 4 * TURNS,
)

INDICATORS = (SUPERTREND, ADX, AROON, PARABOLIC, ZIGZAG)
