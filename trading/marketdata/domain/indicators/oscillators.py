"""Where the price stands in its recent range."""

import numpy as np

from .averages import MOST_BARS, SOURCE
from .bars import FloatArray
from .definition import Group, Indicator, Output
from .jit import kernel
from .momentum import NEUTRAL, RSI_MEMORY, strength
from .parameters import integer
from .settling import wilder_settled
from .steps import RING, mean_of, remember
from .windows import WINDOW, rolling_highs, rolling_lows, rolling_means, rolling_sums


@kernel
def places_in_range(
    memory: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int, places: FloatArray
) -> None:
    """100 × (close − lowest low) / (highest high − lowest low); 50 where they are equal.

    Memory: twice WINDOW + period. `places` may be the line of closes.
    """
    half = WINDOW + period
    tops, floors = np.empty(len(high)), np.empty(len(low))
    rolling_highs(memory[:half], high, period, tops)
    rolling_lows(memory[half:], low, period, floors)
    for i in range(len(close)):
        top, reach = tops[i], tops[i] - floors[i]
        # A tenth of a paisa in a crore is 1e-10: what is less is the rounding of a line that stands still.
        moves = reach > 1e-12 * abs(top)
        known = 100.0 * (close[i] - floors[i]) / reach if moves else NEUTRAL
        places[i] = np.nan if np.isnan(top) else known


@kernel
def _stochastic(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period, smooth = int(p[0]), int(p[1])
    signal = int(p[2])
    first = 2 * (WINDOW + period)
    second = first + WINDOW + smooth
    k, d = outputs[0], outputs[1]
    places_in_range(memory[:first], inputs[0], inputs[1], inputs[2], period, k)
    rolling_means(memory[first:second], k, smooth, k)
    rolling_means(memory[second:], k, signal, d)


STOCHASTIC = Indicator(
    name="stochastic",
    title="Stochastic Oscillator",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("high", "low", "close"),
    parameters=(
        integer("period", "%K period", 14, 1, MOST_BARS),
        integer("smooth", "%K smoothing", 3, 1, MOST_BARS),
        integer("signal", "%D period", 3, 1, MOST_BARS),
    ),
    outputs=(Output("k"), Output("d")),
    doc="%K: 100 × (close − lowest low) / (highest high − lowest low) over `period` bars, smoothed by an SMA; %D:"
    " an SMA of %K. 50 where the range is nil. `smooth` 1 is the fast one, 3 the slow one.",
    origin="G. Lane, 1957.",
    recurrence=_stochastic,
    memory=lambda p: int(2 * (WINDOW + p[0]) + 2 * WINDOW + p[1] + p[2]),
    warm_up=lambda p: int(p[0] + p[1] + p[2]),
    levels=(20.0, 80.0),
)


@kernel
def _stochastic_rsi(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    rsi_period, period, smooth, signal = int(p[0]), int(p[1]), int(p[2]), int(p[3])
    first = RSI_MEMORY + 2 * (WINDOW + period)
    second = first + WINDOW + smooth
    k, d = outputs[0], outputs[1]
    strength(memory[:RSI_MEMORY], inputs[0], rsi_period, k)
    places_in_range(memory[RSI_MEMORY:first], k, k, k, period, k)
    rolling_means(memory[first:second], k, smooth, k)
    rolling_means(memory[second:], k, signal, d)


STOCHASTIC_RSI = Indicator(
    name="stochrsi",
    title="Stochastic RSI",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("source",),
    parameters=(
        integer("rsi_period", "RSI period", 14, 2, MOST_BARS),
        integer("period", "Stochastic period", 14, 1, MOST_BARS),
        integer("smooth", "%K smoothing", 3, 1, MOST_BARS),
        integer("signal", "%D period", 3, 1, MOST_BARS),
        SOURCE,
    ),
    outputs=(Output("k"), Output("d")),
    doc="The stochastic of the RSI instead of the price: where the RSI stands in its range of `period` bars, 0 to"
    " 100.",
    origin="T. Chande and S. Kroll, The New Technical Trader, 1994.",
    recurrence=_stochastic_rsi,
    memory=lambda p: int(RSI_MEMORY + 2 * (WINDOW + p[1]) + 2 * WINDOW + p[2] + p[3]),
    warm_up=lambda p: wilder_settled(p[0]) + 1 + int(p[1] + p[2] + p[3]),
    levels=(20.0, 80.0),
)


@kernel
def _williams(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    places_in_range(memory, inputs[0], inputs[1], inputs[2], int(p[0]), outputs[0])
    for i in range(inputs.shape[1]):
        outputs[0, i] -= 100.0


WILLIAMS = Indicator(
    name="williams_r",
    title="Williams %R",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("high", "low", "close"),
    parameters=(integer("period", "Period", 14, 1, MOST_BARS),),
    outputs=(Output("williams_r"),),
    doc="−100 × (highest high − close) / (highest high − lowest low) over `period` bars; −50 where the range is"
    " nil.",
    origin="L. Williams, How I Made One Million Dollars, 1973.",
    recurrence=_williams,
    memory=lambda p: int(2 * (WINDOW + p[0])),
    warm_up=lambda p: int(p[0]),
    levels=(-80.0, -20.0),
)


@kernel
def _cci(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        typical = (inputs[0, i] + inputs[1, i] + inputs[2, i]) / 3.0
        if remember(memory, typical, period):
            mean = mean_of(memory, period)
            deviation = 0.0
            for each in range(1, 1 + period):
                deviation += abs(memory[each] - mean)
            outputs[0, i] = (typical - mean) / (0.015 * deviation / period) if deviation > 0.0 else 0.0


CCI = Indicator(
    name="cci",
    title="Commodity Channel Index",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("high", "low", "close"),
    parameters=(integer("period", "Period", 20, 2, MOST_BARS),),
    outputs=(Output("cci"),),
    doc="(typical price − its SMA) / (0.015 × mean absolute deviation), typical price (high + low + close)/3; 0"
    " where nothing moved.",
    origin="D. Lambert, Commodities, October 1980.",
    recurrence=_cci,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
    levels=(-100.0, 100.0),
)


@kernel
def _shares(memory: FloatArray, parts: FloatArray, wholes: FloatArray, period: int) -> FloatArray:
    """Σ part / Σ whole over `period` bars, a half where the whole is nil. Memory: twice WINDOW + period."""
    half = WINDOW + period
    shares, totals = np.empty(len(parts)), np.empty(len(wholes))
    rolling_sums(memory[:half], parts, period, shares)
    rolling_sums(memory[half:], wholes, period, totals)
    for i in range(len(shares)):
        shares[i] = 0.5 if totals[i] == 0.0 else shares[i] / totals[i]
    return shares


@kernel
def _ultimate(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] whether a bar was seen, [1] its close, then the sums of three periods.
    short, middle, long = int(p[0]), int(p[1]), int(p[2])
    first = 2 + 2 * (WINDOW + short)
    second = first + 2 * (WINDOW + middle)
    pressures, reaches = np.full(inputs.shape[1], np.nan), np.full(inputs.shape[1], np.nan)
    for i in range(inputs.shape[1]):
        high, low, close = inputs[0, i], inputs[1, i], inputs[2, i]
        if memory[0] > 0.0:
            pressures[i] = close - min(low, memory[1])
            reaches[i] = max(high, memory[1]) - min(low, memory[1])
        memory[0], memory[1] = 1.0, close
    shorts = _shares(memory[2:first], pressures, reaches, short)
    middles = _shares(memory[first:second], pressures, reaches, middle)
    longs = _shares(memory[second:], pressures, reaches, long)
    for i in range(inputs.shape[1]):
        weighted = 4.0 * shorts[i]
        weighted += 2.0 * middles[i]
        weighted += longs[i]
        outputs[0, i] = 100.0 * weighted / 7.0


ULTIMATE = Indicator(
    name="ultimate",
    title="Ultimate Oscillator",
    group=Group.MOMENTUM,
    overlay=False,
    inputs=("high", "low", "close"),
    parameters=(
        integer("short", "Short period", 7, 1, MOST_BARS),
        integer("middle", "Middle period", 14, 1, MOST_BARS),
        integer("long", "Long period", 28, 1, MOST_BARS),
    ),
    outputs=(Output("ultimate"),),
    doc="100 × (4 a + 2 b + c)/7, each Σ buying pressure / Σ true range over its period; pressure is the close"
    " above the lesser of low and close before.",
    origin="L. Williams, Technical Analysis of Stocks & Commodities, April 1985.",
    recurrence=_ultimate,
    memory=lambda p: int(2 + 2 * (3 * WINDOW + p[0] + p[1] + p[2])),
    warm_up=lambda p: int(max(p)) + 1,
    levels=(30.0, 70.0),
)

INDICATORS = (STOCHASTIC, STOCHASTIC_RSI, WILLIAMS, CCI, ULTIMATE)
