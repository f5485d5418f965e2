"""Candles of averages."""

from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel


@kernel
def _heikin_ashi(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] whether a bar was seen, [1] its averaged open, [2] its averaged close.
    for i in range(inputs.shape[1]):
        opening, high, low, closing = inputs[0, i], inputs[1, i], inputs[2, i], inputs[3, i]
        close = (opening + high + low + closing) / 4.0
        start = (memory[1] + memory[2]) / 2.0 if memory[0] > 0.0 else (opening + closing) / 2.0
        memory[0], memory[1], memory[2] = 1.0, start, close
        outputs[0, i], outputs[1, i] = start, max(high, start, close)
        outputs[2, i], outputs[3, i] = min(low, start, close), close


HEIKIN_ASHI = Indicator(
    name="heikin_ashi",
    title="Heikin-Ashi",
    group=Group.CANDLES,
    overlay=True,
    inputs=("open", "high", "low", "close"),
    parameters=(),
    outputs=tuple(Output(name, Style.CANDLE) for name in ("open", "high", "low", "close")),
    doc="Close: the mean of the bar's four prices; open: half-way between the open and close of the candle before"
    " (of the bar's own, for the first); high and low: the extremes of the bar's and these.",
    origin="M. Homma, 18th century; D. Valcu, Technical Analysis of Stocks & Commodities, February 2004.",
    recurrence=_heikin_ashi,
    memory=lambda p: 3,
    # The first open's weight halves from bar to bar.
    warm_up=lambda p: 30,
)

INDICATORS = (HEIKIN_ASHI,)
