"""What an indicator is: a recurrence over bars, its settings, and how a chart shows it.

There is one recurrence, for many bars at once and for one at a time. It reads bars in order and keeps all that it
remembers in a flat array of float64, zeros at the beginning. So any split of the data gives the same values to the
last bit, and a forming bar is looked at by running a copy of the memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

import numpy as np

from core.errors import InvalidInput

from .bars import Bars, FloatArray, column_of
from .parameters import Kind, Parameter, Value, read_all

Recurrence = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], None]
"""(inputs, parameters, memory, outputs): inputs (k, n) and outputs (m, n) hold one line each, parameters the
numbers and positions of choices as declared. Memory is changed in place."""
Numbers = tuple[float, ...]


class Group(StrEnum):
    """Families of indicators, as menus show them."""

    TREND = "trend"
    MOMENTUM = "momentum"
    VOLATILITY = "volatility"
    VOLUME = "volume"
    LEVELS = "levels"
    STATISTICS = "statistics"
    CANDLES = "candles"


class Style(StrEnum):
    """How a chart draws an output. NONE is a value for conditions, which nobody draws."""

    LINE = "line"
    BAND = "band"
    HISTOGRAM = "histogram"
    MARKERS = "markers"
    LEVEL = "level"
    CANDLE = "candle"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Output:
    """One line. A chart draws it `shift` bars to the right of the bar it belongs to (left where negative);
    a text names the parameter that says how far."""

    name: str
    style: Style = Style.LINE
    shift: int | str = 0


def _no_conflict(parameters: Mapping[str, Value]) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One entry of the registry.

    Attributes:
        overlay: drawn over the candles, else in a pane of its own.
        inputs: columns of `Bars` that are read; `source` is the one that the parameter of that name chooses.
        doc: the idea and the formula, in a few lines. `origin` is who published it.
        memory: how many numbers the recurrence remembers, by the parameters as numbers.
        warm_up: bars after which what came before no longer shows; None where it always will (running totals).
        anchored: for values that begin anew with a session, week or month: how many whole ones before are read.
        conflict: why parameters that are good one by one do not go together, if they do not.
        levels: horizontal lines that a pane shows, as 30 and 70.
    """

    name: str
    title: str
    group: Group
    overlay: bool
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    doc: str
    origin: str
    recurrence: Recurrence
    memory: Callable[[Numbers], int]
    warm_up: Callable[[Numbers], int] | None
    anchored: int | None = None
    conflict: Callable[[Mapping[str, Value]], str | None] = _no_conflict
    levels: tuple[float, ...] = ()

    def read(self, given: Mapping[str, object]) -> dict[str, Value]:
        """All parameters, checked, with defaults for those not given.

        Raises:
            InvalidInput: `parameter_unknown`, `parameter_invalid`, `parameter_out_of_bounds` for one of them,
                `parameters_conflict` for several.
        """
        values = read_all(self.parameters, given)
        if (reason := self.conflict(values)) is not None:
            raise InvalidInput(reason, code="parameters_conflict")
        return values

    def compute(self, bars: Bars, **parameters: object) -> dict[str, FloatArray]:
        """Every output over all bars, NaN while it is warming up and at gaps; raises as `read`."""
        return self.incremental(**parameters).extend(bars)

    def incremental(self, **parameters: object) -> "Incremental":
        """A computation that takes bars as they come; raises as `read`."""
        return Incremental(self, self.read(parameters))

    def warm_up_bars(self, parameters: Mapping[str, Value]) -> int | None:
        """Bars to read before the first one that is shown; None for running totals, which never settle."""
        return None if self.warm_up is None else self.warm_up(numbers_of(self.parameters, parameters))

    def compared_with(self, parameters: Mapping[str, Value]) -> str | None:
        """The key of the other instrument whose closes are read, if any is."""
        named = next((each.name for each in self.parameters if each.kind is Kind.SYMBOL), None)
        return None if named is None else str(parameters[named])

    def shift_of(self, output: Output, parameters: Mapping[str, Value]) -> int:
        """How many bars to the right an output is drawn."""
        if isinstance(output.shift, int):
            return output.shift
        sign, name = (-1, output.shift[1:]) if output.shift.startswith("-") else (1, output.shift)
        return sign * int(parameters[name])


def numbers_of(parameters: tuple[Parameter, ...], values: Mapping[str, Value]) -> Numbers:
    """What the recurrence is told: numbers as they are, a choice as its position; sources and symbols left out."""
    numbers = []
    for parameter in parameters:
        value = values[parameter.name]
        if parameter.kind is Kind.SYMBOL or parameter.name == "source":
            continue
        if parameter.kind is Kind.CHOICE:
            numbers.append(float(parameter.choices.index(str(value))))
        else:
            numbers.append(float(value))
    return tuple(numbers)


class Incremental:
    """One running computation. Not thread-safe."""

    def __init__(self, indicator: Indicator, parameters: Mapping[str, Value]) -> None:
        self.indicator = indicator
        self.parameters = dict(parameters)
        numbers = numbers_of(indicator.parameters, parameters)
        self._numbers = np.array(numbers, dtype=np.float64)
        self._memory = np.zeros(indicator.memory(numbers), dtype=np.float64)
        self._scratch = np.zeros_like(self._memory)
        source = str(parameters.get("source", "close"))
        self._columns = [source if name == "source" else name for name in indicator.inputs]
        self._bar = np.zeros((len(self._columns), 1))
        self._values = np.zeros((len(indicator.outputs), 1))
        self._names = [output.name for output in indicator.outputs]

    def extend(self, bars: Bars) -> dict[str, FloatArray]:
        """Close many bars; every output over them. A gap gives NaN and is not remembered."""
        inputs = self._inputs(bars)
        outputs = np.full((len(self._names), inputs.shape[1]), np.nan)
        # A sum is NaN where any value is, and for nothing else that prices do.
        if not np.isnan(inputs.sum()):
            self.indicator.recurrence(inputs, self._numbers, self._memory, outputs)
        elif (whole := ~np.isnan(inputs).any(axis=0)).any():
            kept = np.full((len(outputs), int(whole.sum())), np.nan)
            self.indicator.recurrence(np.ascontiguousarray(inputs[:, whole]), self._numbers, self._memory, kept)
            outputs[:, whole] = kept
        return dict(zip(self._names, outputs, strict=True))

    def _inputs(self, bars: Bars) -> FloatArray:
        """The lines that are read, one below the other; a single one as it lies in memory."""
        lines = [bars.column(name) for name in self._columns]
        if len(lines) == 1 and lines[0].dtype == np.float64 and lines[0].flags.carray:
            return lines[0].reshape(1, -1)
        return np.array(lines, dtype=np.float64)

    def push(self, bar: Mapping[str, float]) -> dict[str, float]:
        """Close one bar, given by its columns as in `Bars`; its outputs. One that lacks a column is a gap."""
        return self._one(bar, self._memory)

    def peek(self, bar: Mapping[str, float]) -> dict[str, float]:
        """The outputs as they would be if the forming bar closed now; nothing is remembered."""
        self._scratch[:] = self._memory
        return self._one(bar, self._scratch)

    def clone(self) -> "Incremental":
        """Another computation that has seen the same bars."""
        other = Incremental(self.indicator, self.parameters)
        other._memory[:] = self._memory
        return other

    def _one(self, bar: Mapping[str, float], memory: FloatArray) -> dict[str, float]:
        self._values.fill(np.nan)
        values = [column_of(bar, name) for name in self._columns]
        if not any(map(isnan, values)):
            self._bar[:, 0] = values
            self.indicator.recurrence(self._bar, self._numbers, memory, self._values)
        return dict(zip(self._names, self._values[:, 0].tolist(), strict=True))
