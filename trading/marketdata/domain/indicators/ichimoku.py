"""The cloud."""

from .averages import MOST_BARS
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import integer
from .steps import EXTREME, RING, highest, lagged, lowest


@kernel
def _middle(memory: FloatArray, high: float, low: float, period: int) -> float:
    """Half-way between the highest high and the lowest low. Memory: twice EXTREME + period."""
    half = 3 + period
    return (highest(memory[:half], high, period) + lowest(memory[half:], low, period)) / 2.0


@kernel
def _ichimoku(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    conversion, base, span, shift = int(p[0]), int(p[1]), int(p[2]), int(p[3])
    first = 2 * (3 + conversion)
    second = first + 2 * (3 + base)
    third = second + 2 * (3 + span)
    fourth = third + 1 + shift
    short, middle, long = memory[:first], memory[first:second], memory[second:third]
    late_a, late_b = memory[third:fourth], memory[fourth:]
    for i in range(inputs.shape[1]):
        high, low = inputs[0, i], inputs[1, i]
        fast = _middle(short, high, low, conversion)
        slow = _middle(middle, high, low, base)
        ahead_a = (fast + slow) / 2.0
        ahead_b = _middle(long, high, low, span)
        outputs[0, i], outputs[1, i] = fast, slow
        outputs[2, i], outputs[3, i] = ahead_a, ahead_b
        outputs[4, i] = inputs[2, i]
        outputs[5, i] = lagged(late_a, ahead_a, shift)
        outputs[6, i] = lagged(late_b, ahead_b, shift)


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
    memory=lambda p: int(2 * (3 * EXTREME + p[0] + p[1] + p[2]) + 2 * (RING + p[3])),
    warm_up=lambda p: int(max(p[:3]) + p[3]),
)

INDICATORS = (ICHIMOKU,)
