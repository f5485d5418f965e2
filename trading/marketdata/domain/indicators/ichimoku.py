"""The cloud."""

import numpy as np

from .averages import MOST_BARS
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer
from .steps import RING, lagged
from .windows import WINDOW, rolling_highs, rolling_lows


@kernel
def _middles(memory: FloatArray, high: FloatArray, low: FloatArray, period: int, middles: FloatArray) -> None:
    """Half-way between the highest high and the lowest low. Memory: twice WINDOW + period."""
    half = WINDOW + period
    floors = np.empty(len(low))
    rolling_highs(memory[:half], high, period, middles)
    rolling_lows(memory[half:], low, period, floors)
    for i in range(len(middles)):
        middles[i] = (middles[i] + floors[i]) / 2.0


@kernel
def _ichimoku(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    conversion, base, span, shift = int(p[0]), int(p[1]), int(p[2]), int(p[3])
    first = 2 * (WINDOW + conversion)
    second = first + 2 * (WINDOW + base)
    third = second + 2 * (WINDOW + span)
    fourth = third + 1 + shift
    late_a, late_b = memory[third:fourth], memory[fourth:]
    high, low, fast, slow = inputs[0], inputs[1], outputs[0], outputs[1]
    _middles(memory[:first], high, low, conversion, fast)
    _middles(memory[first:second], high, low, base, slow)
    _middles(memory[second:third], high, low, span, outputs[3])
    for i in range(inputs.shape[1]):
        outputs[2, i] = (fast[i] + slow[i]) / 2.0
        outputs[4, i] = inputs[2, i]
        outputs[5, i] = lagged(late_a, outputs[2, i], shift)
        outputs[6, i] = lagged(late_b, outputs[3, i], shift)


ICHIMOKU = Indicator(
    name="ichimoku",
    title="Ichimoku Kinko Hyo",
    group=Group.TREND,
    overlay=True,
    inputs=("high", "low", "close"),
    parameters=(
        integer("conversion", "Conversion line (tenkan)", 9, 1, MOST_BARS),
        integer("base", "Base line (kijun)", 26, 1, MOST_BARS),
        integer("span", "Leading span B (senkou)", 52, 1, MOST_BARS),
        integer("displacement", "Displacement", 26, 1, MOST_BARS),
    ),
    outputs=(
        Output("conversion"),
        Output("base"),
        Output("span_a", Style.BAND, "displacement"),
        Output("span_b", Style.BAND, "displacement"),
        Output("lagging", Style.LINE, "-displacement"),
        Output("cloud_a", Style.NONE),
        Output("cloud_b", Style.NONE),
    ),
    doc="Conversion, base and span B: (highest high + lowest low)/2 over their periods; span A: (conversion +"
    " base)/2. The spans are drawn `displacement` bars ahead as the cloud, the close as far behind; `cloud_a` and"
    " `cloud_b` are the spans of so many bars ago: the cloud that lies over this bar.",
    origin="G. Hosoda, 1969.",
    recurrence=_ichimoku,
    memory=lambda p: int(2 * (3 * WINDOW + p[0] + p[1] + p[2]) + 2 * (RING + p[3])),
    warm_up=lambda p: int(max(p[:3]) + p[3]),
)

INDICATORS = (ICHIMOKU,)
