"""Prices that a day, a week or a month hangs on."""

import numpy as np

from .bars import FloatArray
from .definition import Group, Indicator, Output, Style
from .jit import kernel
from .parameters import choice, number

ANCHORS = ("session", "week", "month")
ANCHOR = choice("anchor", "Anchor", ANCHORS)

_IST_OFFSET = 19_800
_DAY = 86_400


@kernel
def anchor_id(session: float, anchor: int) -> float:
    """A number that changes when a new session (0), week (1) or month (2) begins; by the Indian calendar."""
    if anchor == 0:
        return session
    days = int((session + _IST_OFFSET) // _DAY)
    if anchor == 1:
        # 1 January 1970 was a Thursday.
        return float((days + 3) // 7)
    # Months from days: years begin in March, so that the leap day comes last (H. Hinnant's civil_from_days).
    shifted = days + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return float((era * 400 + year) * 12 + (5 * of_year + 2) // 153)


@kernel
def _vwap(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    # [0] anchor, [1] volume, [2] mean, [3] sum of squared distances, by West's recurrence, which loses no digits.
    multiplier, kind = p[0], int(p[1])
    for i in range(inputs.shape[1]):
        price = (inputs[0, i] + inputs[1, i] + inputs[2, i]) / 3.0
        volume = inputs[3, i]
        anchor = anchor_id(inputs[4, i], kind) + 1.0
        if anchor != memory[0]:
            memory[0] = anchor
            memory[1] = memory[2] = memory[3] = 0.0
        if volume > 0.0:
            memory[1] += volume
            distance = price - memory[2]
            memory[2] += distance * (volume / memory[1])
            memory[3] += volume * distance * (price - memory[2])
        if memory[1] > 0.0:
            width = multiplier * np.sqrt(max(memory[3], 0.0) / memory[1])
            outputs[0, i] = memory[2]
            outputs[1, i] = memory[2] + width
            outputs[2, i] = memory[2] - width


VWAP = Indicator(
    name="vwap",
    title="Volume Weighted Average Price",
    group=Group.LEVELS,
    overlay=True,
    inputs=("high", "low", "close", "volume", "session"),
    parameters=(number("multiplier", "Band multiplier", 1.0, 0.1, 20.0), ANCHOR),
    outputs=(Output("vwap"), Output("upper", Style.BAND), Output("lower", Style.BAND)),
    doc="Σ(typical price × volume) / Σ volume since the session's open (or the week's, or the month's), typical"
    " price (high + low + close)/3; bands at `multiplier` volume-weighted standard deviations. No value without"
    " volume, as on an index.",
    origin="Common practice of execution desks; Berkowitz, Logue and Noser, Journal of Finance, 1988.",
    recurrence=_vwap,
    memory=lambda p: 4,
    warm_up=lambda p: 0,
    anchored=0,
)

INDICATORS = (VWAP,)
