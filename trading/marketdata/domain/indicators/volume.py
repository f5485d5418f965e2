"""Whether the money follows the price."""

import numpy as np

from .averages import MOST_BARS
from .bars import FloatArray
from .definition import Group, Indicator, Output
from .jit import kernel
from .momentum import NEUTRAL
from .parameters import fast_below_slow, integer
from .settling import ema_settled
from .steps import EMA, ema
from .windows import WINDOW, rolling_sums

_HLCV = ("high", "low", "close", "volume")


@kernel
def money_flow(high: float, low: float, close: float, volume: float) -> float:
    """Volume times the place of the close in its bar, −1 at the low to 1 at the high; 0 for a bar without range."""
    return ((close - low) - (high - close)) / (high - low) * volume if high > low else 0.0


@kernel
def _mfi(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] whether a bar was seen, [1] its typical price, then the sums of rising and falling flow.
    period = int(p[0])
    half = 2 + WINDOW + period
    rises, falls = np.full(inputs.shape[1], np.nan), np.full(inputs.shape[1], np.nan)
    for i in range(inputs.shape[1]):
        typical = (inputs[0, i] + inputs[1, i] + inputs[2, i]) / 3.0
        if memory[0] > 0.0:
            flow = typical * inputs[3, i]
            rises[i] = flow if typical > memory[1] else 0.0
            falls[i] = flow if typical < memory[1] else 0.0
        memory[0], memory[1] = 1.0, typical
    rolling_sums(memory[2:half], rises, period, rises)
    rolling_sums(memory[half:], falls, period, falls)
    for i in range(inputs.shape[1]):
        flows = rises[i] + falls[i]
        if not np.isnan(flows):
            outputs[0, i] = 100.0 * rises[i] / flows if flows > 0.0 else NEUTRAL


MFI = Indicator(
    name="mfi",
    title="Money Flow Index",
    group=Group.VOLUME,
    overlay=False,
    inputs=_HLCV,
    parameters=(integer("period", "Period", 14, 1, MOST_BARS),),
    outputs=(Output("mfi"),),
    doc="100 × Σ rising flow / Σ flow over `period` bars; flow is typical price × volume, rising where the typical"
    " price rose. 50 where there was none.",
    origin="G. Quong and A. Soudack, Technical Analysis of Stocks & Commodities, March 1989.",
    recurrence=_mfi,
    memory=lambda p: int(2 + 2 * (WINDOW + p[0])),
    warm_up=lambda p: int(p[0]) + 1,
    levels=(20.0, 80.0),
)


@kernel
def _obv(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] whether a bar was seen, [1] its close, [2] the total.
    for i in range(inputs.shape[1]):
        close, volume = inputs[0, i], inputs[1, i]
        if memory[0] == 0.0 or close > memory[1]:
            memory[2] += volume
        elif close < memory[1]:
            memory[2] -= volume
        memory[0], memory[1] = 1.0, close
        outputs[0, i] = memory[2]


OBV = Indicator(
    name="obv",
    title="On Balance Volume",
    group=Group.VOLUME,
    overlay=False,
    inputs=("close", "volume"),
    parameters=(),
    outputs=(Output("obv"),),
    doc="A running total: volume is added when the close rose and taken off when it fell. It begins with the first"
    " bar's volume, so only its changes mean anything.",
    origin="J. Granville, New Key to Stock Market Profits, 1963.",
    recurrence=_obv,
    memory=lambda p: 3,
    warm_up=None,
)


@kernel
def _ad(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    for i in range(inputs.shape[1]):
        memory[0] += money_flow(inputs[0, i], inputs[1, i], inputs[2, i], inputs[3, i])
        outputs[0, i] = memory[0]


ACCUMULATION = Indicator(
    name="ad",
    title="Accumulation/Distribution",
    group=Group.VOLUME,
    overlay=False,
    inputs=_HLCV,
    parameters=(),
    outputs=(Output("ad"),),
    doc="A running total of ((close − low) − (high − close)) / (high − low) × volume. It begins at nil with the"
    " first bar, so only its changes mean anything.",
    origin="M. Chaikin.",
    recurrence=_ad,
    memory=lambda p: 1,
    warm_up=None,
)


@kernel
def _cmf(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    period = int(p[0])
    half = WINDOW + period
    flows, volumes = np.empty(inputs.shape[1]), np.empty(inputs.shape[1])
    for i in range(inputs.shape[1]):
        flows[i] = money_flow(inputs[0, i], inputs[1, i], inputs[2, i], inputs[3, i])
    rolling_sums(memory[:half], flows, period, flows)
    rolling_sums(memory[half:], inputs[3], period, volumes)
    for i in range(inputs.shape[1]):
        outputs[0, i] = 0.0 if volumes[i] == 0.0 else flows[i] / volumes[i]


CMF = Indicator(
    name="cmf",
    title="Chaikin Money Flow",
    group=Group.VOLUME,
    overlay=False,
    inputs=_HLCV,
    parameters=(integer("period", "Period", 20, 1, MOST_BARS),),
    outputs=(Output("cmf"),),
    doc="Σ money flow / Σ volume over `period` bars, −1 to 1; a bar's flow as in Accumulation/Distribution. 0"
    " where there was no volume.",
    origin="M. Chaikin.",
    recurrence=_cmf,
    memory=lambda p: int(2 * (WINDOW + p[0])),
    warm_up=lambda p: int(p[0]),
    levels=(0.0,),
)


@kernel
def _chaikin(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] bars, [1] fast and [2] slow average, each less the running total, which may grow large and cost digits.
    fast, slow, first = 2.0 / (p[0] + 1.0), 2.0 / (p[1] + 1.0), p[1]
    for i in range(inputs.shape[1]):
        if memory[0] > 0.0:
            flow = money_flow(inputs[0, i], inputs[1, i], inputs[2, i], inputs[3, i])
            memory[1] = (1.0 - fast) * (memory[1] - flow)
            memory[2] = (1.0 - slow) * (memory[2] - flow)
        memory[0] += 1.0
        if memory[0] >= first:
            outputs[0, i] = memory[1] - memory[2]


CHAIKIN = Indicator(
    name="chaikin",
    title="Chaikin Oscillator",
    group=Group.VOLUME,
    overlay=False,
    inputs=_HLCV,
    parameters=(
        integer("fast", "Fast EMA", 3, 1, MOST_BARS),
        integer("slow", "Slow EMA", 10, 2, MOST_BARS),
    ),
    outputs=(Output("chaikin"),),
    doc="EMA(fast) − EMA(slow) of the Accumulation/Distribution line, both begun with its first value.",
    origin="M. Chaikin.",
    recurrence=_chaikin,
    memory=lambda p: 3,
    warm_up=lambda p: ema_settled(p[1]),
    conflict=fast_below_slow,
    levels=(0.0,),
)


@kernel
def _force(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] whether a bar was seen, [1] its close, [2:4] the average.
    period = int(p[0])
    average = memory[2:4]
    for i in range(inputs.shape[1]):
        close = inputs[0, i]
        force = (close - memory[1]) * inputs[1, i] if memory[0] > 0.0 else np.nan
        memory[0], memory[1] = 1.0, close
        outputs[0, i] = ema(average, force, period)


FORCE = Indicator(
    name="force",
    title="Force Index",
    group=Group.VOLUME,
    overlay=False,
    inputs=("close", "volume"),
    parameters=(integer("period", "EMA period", 13, 1, MOST_BARS),),
    outputs=(Output("force"),),
    doc="An EMA of (close − close before) × volume.",
    origin="A. Elder, Trading for a Living, 1993.",
    recurrence=_force,
    memory=lambda p: 2 + EMA,
    warm_up=lambda p: ema_settled(p[0]) + 1,
    levels=(0.0,),
)

INDICATORS = (MFI, OBV, ACCUMULATION, CMF, CHAIKIN, FORCE)
