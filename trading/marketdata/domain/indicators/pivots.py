"""Levels made of the session, week or month before."""

from .bars import FloatArray
from .definition import Group, Indicator, Output, Recurrence, Style
from .jit import kernel
from .levels import ANCHOR, anchor_id

_MEMORY = 8


@kernel
def last_period(memory: FloatArray, inputs: FloatArray, i: int, anchor: int) -> bool:
    """Follow a bar (high, low, close, session); whether there is a whole period before this bar's.

    Memory: [0] the period, [1:4] its high, low and close so far, [4:7] those of the one before, [7] if there is.
    """
    high, low, close = inputs[0, i], inputs[1, i], inputs[2, i]
    period = anchor_id(inputs[3, i], anchor) + 1.0
    if memory[0] == 0.0:
        memory[0], memory[1], memory[2] = period, high, low
    elif period != memory[0]:
        memory[4:7] = memory[1:4]
        memory[7] = 1.0
        memory[0], memory[1], memory[2] = period, high, low
    memory[1], memory[2], memory[3] = max(memory[1], high), min(memory[2], low), close
    return bool(memory[7] > 0.0)


@kernel
def _cpr(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    anchor = int(p[0])
    for i in range(inputs.shape[1]):
        if last_period(memory, inputs, i, anchor):
            pivot = (memory[4] + memory[5] + memory[6]) / 3.0
            middle = (memory[4] + memory[5]) / 2.0
            outputs[0, i] = pivot
            outputs[1, i], outputs[2, i] = max(middle, 2.0 * pivot - middle), min(middle, 2.0 * pivot - middle)


@kernel
def _classic(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    anchor = int(p[0])
    for i in range(inputs.shape[1]):
        if last_period(memory, inputs, i, anchor):
            high, low = memory[4], memory[5]
            pivot = (high + low + memory[6]) / 3.0
            outputs[0, i] = pivot
            outputs[1, i], outputs[4, i] = 2.0 * pivot - low, 2.0 * pivot - high
            outputs[2, i], outputs[5, i] = pivot + (high - low), pivot - (high - low)
            outputs[3, i], outputs[6, i] = high + 2.0 * (pivot - low), low - 2.0 * (high - pivot)


@kernel
def _fibonacci(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    anchor = int(p[0])
    for i in range(inputs.shape[1]):
        if last_period(memory, inputs, i, anchor):
            reach = memory[4] - memory[5]
            pivot = (memory[4] + memory[5] + memory[6]) / 3.0
            outputs[0, i] = pivot
            outputs[1, i], outputs[4, i] = pivot + 0.382 * reach, pivot - 0.382 * reach
            outputs[2, i], outputs[5, i] = pivot + 0.618 * reach, pivot - 0.618 * reach
            outputs[3, i], outputs[6, i] = pivot + reach, pivot - reach


@kernel
def _camarilla(inputs: FloatArray, p: FloatArray, memory: FloatArray, outputs: FloatArray) -> None:
    anchor = int(p[0])
    for i in range(inputs.shape[1]):
        if last_period(memory, inputs, i, anchor):
            close, reach = memory[6], 1.1 * (memory[4] - memory[5])
            outputs[0, i] = (memory[4] + memory[5] + close) / 3.0
            outputs[1, i], outputs[5, i] = close + reach / 12.0, close - reach / 12.0
            outputs[2, i], outputs[6, i] = close + reach / 6.0, close - reach / 6.0
            outputs[3, i], outputs[7, i] = close + reach / 4.0, close - reach / 4.0
            outputs[4, i], outputs[8, i] = close + reach / 2.0, close - reach / 2.0


def _levels(depth: int) -> tuple[str, ...]:
    return ("pivot", *(f"r{each}" for each in range(1, depth + 1)), *(f"s{each}" for each in range(1, depth + 1)))


def _pivots(
    name: str, title: str, outputs: tuple[str, ...], recurrence: Recurrence, doc: str, origin: str
) -> Indicator:
    return Indicator(
        name=name,
        title=title,
        group=Group.LEVELS,
        overlay=True,
        inputs=("high", "low", "close", "session"),
        parameters=(ANCHOR,),
        outputs=tuple(Output(each, Style.LEVEL) for each in outputs),
        doc=doc,
        origin=origin,
        recurrence=recurrence,
        memory=lambda p: _MEMORY,
        warm_up=lambda p: 0,
        anchored=1,
    )


CPR = _pivots(
    "cpr", "Central Pivot Range", ("pivot", "tc", "bc"), _cpr,
    "Of the session (week, month) before: pivot P = (high + low + close)/3, one bound (high + low)/2, the other as"
    " far on the other side of P. `tc` is the upper one, `bc` the lower.",
    "F. Ochoa, Secrets of a Pivot Boss, 2010.",
)  # fmt: skip
CLASSIC = _pivots(
    "pivots_classic", "Pivot Points, classic", _levels(3), _classic,
    "Of the session (week, month) before: P = (H + L + C)/3; R1 = 2P − L, S1 = 2P − H; R2, S2 = P ± (H − L);"
    " R3 = H + 2(P − L), S3 = L − 2(H − P).",
    "Floor traders' practice.",
)  # fmt: skip
FIBONACCI = _pivots(
    "pivots_fibonacci", "Pivot Points, Fibonacci", _levels(3), _fibonacci,
    "Of the session (week, month) before: P = (H + L + C)/3; R and S at P ± 0.382, 0.618 and 1 × (H − L).",
    "Floor traders' practice with Fibonacci's ratios.",
)  # fmt: skip
CAMARILLA = _pivots(
    "pivots_camarilla", "Pivot Points, Camarilla", _levels(4), _camarilla,
    "Of the session (week, month) before: R and S at C ± 1.1 × (H − L)/12, /6, /4 and /2; P = (H + L + C)/3.",
    "N. Scott, 1989.",
)  # fmt: skip

INDICATORS = (CPR, CLASSIC, FIBONACCI, CAMARILLA)
