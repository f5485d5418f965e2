"""What statistics say of a window of prices."""

import numpy as np

from .averages import MOST_BARS, SOURCE
from .bands import MULTIPLIER
from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import choice, integer, symbol
from .steps import RING, lagged, mean_of, moments_of, remember, ring_place

BENCHMARK = symbol("against", "Compared with", "NSE:NIFTY 50")


@kernel
def _stddev(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    for i in range(inputs.shape[1]):
        if remember(memory, inputs[0, i], period):
            outputs[0, i] = np.sqrt(moments_of(memory, period)[1])


DEVIATION = Indicator(
    name="stddev",
    title="Standard Deviation",
    group=Group.STATISTICS,
    overlay=False,
    inputs=("source",),
    parameters=(integer("period", "Period", 20, 2, MOST_BARS), SOURCE),
    outputs=(Output("stddev"),),
    doc="The population standard deviation of the last `period` prices, in rupees.",
    origin="Common statistics.",
    recurrence=_stddev,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
)


@kernel
def _linreg(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period, multiplier = int(p[0]), p[1]
    middle = (period - 1) / 2.0
    spread = period * (period * period - 1.0) / 12.0
    for i in range(inputs.shape[1]):
        if not remember(memory, inputs[0, i], period):
            continue
        mean = mean_of(memory, period)
        oldest = ring_place(memory, period)
        along, total = 0.0, 0.0
        for each in range(period):
            at = each - oldest if each >= oldest else each - oldest + period
            distance = memory[1 + each] - mean
            along += (at - middle) * distance
            total += distance * distance
        slope = along / spread
        # What the line leaves unexplained: never less than nil, whatever rounding says.
        residual = max(total - slope * along, 0.0)
        end, width = mean + slope * middle, multiplier * np.sqrt(residual / period)
        outputs[0, i], outputs[1, i], outputs[2, i] = end, end + width, end - width
        outputs[3, i] = slope
        outputs[4, i] = 1.0 - residual / total if total > 0.0 else np.nan


REGRESSION = Indicator(
    name="linreg",
    title="Linear Regression",
    group=Group.STATISTICS,
    overlay=True,
    inputs=("source",),
    parameters=(integer("period", "Period", 14, 2, MOST_BARS), MULTIPLIER, SOURCE),
    outputs=(
        Output("linreg"),
        Output("upper", Style.BAND),
        Output("lower", Style.BAND),
        Output("slope", Style.NONE),
        Output("r_squared", Style.NONE),
    ),
    doc="The last point of the least-squares line through the last `period` prices, ± `multiplier` × the standard"
    " deviation of the prices from the line; its slope in rupees a bar, and r².",
    origin="Common statistics.",
    recurrence=_linreg,
    memory=lambda p: RING + int(p[0]),
    warm_up=lambda p: int(p[0]),
)


@kernel
def _moments(one: FloatArray, other: FloatArray, period: int) -> tuple[float, float, float]:
    """Variance of each and their covariance, all times the period, of two rings that `remember` filled together."""
    mean_one, mean_other = mean_of(one, period), mean_of(other, period)
    of_one, of_other, of_both = 0.0, 0.0, 0.0
    for each in range(1, 1 + period):
        first, second = one[each] - mean_one, other[each] - mean_other
        of_one += first * first
        of_other += second * second
        of_both += first * second
    return of_one, of_other, of_both


@kernel
def _change(memory: FloatArray, value: float) -> float:
    """The return since the value before; NaN for the first. Memory: RING + 1."""
    before = lagged(memory, value, 1)
    return value / before - 1.0 if before != 0.0 else np.nan


@kernel
def _correlation(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period, of_returns = int(p[0]), p[1] > 0.0
    half = 5 + period
    for i in range(inputs.shape[1]):
        one, other = inputs[0, i], inputs[1, i]
        if of_returns:
            one, other = _change(memory[0:2], one), _change(memory[2:4], other)
        if np.isnan(one) or np.isnan(other):
            continue
        remember(memory[4:half], one, period)
        if remember(memory[half:], other, period):
            of_one, of_other, of_both = _moments(memory[4:half], memory[half:], period)
            if of_one > 0.0 and of_other > 0.0:
                outputs[0, i] = max(-1.0, min(1.0, of_both / np.sqrt(of_one * of_other)))


CORRELATION = Indicator(
    name="correlation",
    title="Correlation",
    group=Group.STATISTICS,
    overlay=False,
    inputs=("source", "against"),
    parameters=(
        integer("period", "Period", 20, 2, MOST_BARS),
        choice("of", "Of", ("prices", "returns")),
        BENCHMARK,
        SOURCE,
    ),
    outputs=(Output("correlation"),),
    doc="Pearson's coefficient of this instrument's prices (or returns) and another's closes over the last"
    " `period` bars that both have, −1 to 1. No value where either does not move.",
    origin="K. Pearson, 1895.",
    recurrence=_correlation,
    memory=lambda p: int(4 + 2 * (RING + p[0])),
    warm_up=lambda p: int(p[0]) + 1,
    levels=(0.0,),
)


@kernel
def _beta(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    half = 5 + period
    for i in range(inputs.shape[1]):
        one, other = _change(memory[0:2], inputs[0, i]), _change(memory[2:4], inputs[1, i])
        if np.isnan(one) or np.isnan(other):
            continue
        remember(memory[4:half], one, period)
        if remember(memory[half:], other, period):
            _, of_other, of_both = _moments(memory[4:half], memory[half:], period)
            if of_other > 0.0:
                outputs[0, i] = of_both / of_other


BETA = Indicator(
    name="beta",
    title="Beta",
    group=Group.STATISTICS,
    overlay=False,
    inputs=("source", "against"),
    parameters=(integer("period", "Period", 60, 2, MOST_BARS), BENCHMARK, SOURCE),
    outputs=(Output("beta"),),
    doc="Covariance of this instrument's returns with another's / variance of the other's, over the last `period`"
    " returns that both have. No value where the other does not move.",
    origin="W. F. Sharpe, Journal of Finance, 1964.",
    recurrence=_beta,
    memory=lambda p: int(4 + 2 * (RING + p[0])),
    warm_up=lambda p: int(p[0]) + 1,
    levels=(1.0,),
)

INDICATORS = (DEVIATION, REGRESSION, CORRELATION, BETA)
