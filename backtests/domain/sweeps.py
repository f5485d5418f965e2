"""Which settings a sweep tries: every combination of the axes' values, or some of them drawn by seed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import prod
from random import Random
from sys import maxsize

from core.errors import InvalidInput
from trading.marketdata.domain.indicators.parameters import Kind, Parameter, Value
from trading.strategies.domain import Strategy

MOST_CELLS = 100_000
MOST_VALUES = 10_000
"""Of one axis."""
_LOOKS_A_CELL = 50
"""How many combinations are drawn, at most, for one whose settings go together."""

Cell = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Axis:
    """The values that one setting takes, in order, none twice."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """Complete settings of each cell. `combinations` is how many the axes have together, `skipped` how many of
    those looked at do not go together ("fast must be less than slow")."""

    cells: tuple[Cell, ...]
    combinations: int
    skipped: int

    def __len__(self) -> int:
        return len(self.cells)


def read_axes(parameters: Sequence[Parameter], given: Mapping[str, object]) -> tuple[Axis, ...]:
    """Axes from what a caller gave by name: a list of values, or `{"from", "to", "step"}` for numbers (both ends
    included; without a step the parameter's own).

    Raises:
        InvalidInput: `sweep_no_axes`, `parameter_unknown`, `axis_invalid`, `axis_too_long`, and what
            `Parameter.read` raises for a value.
    """
    known = {parameter.name: parameter for parameter in parameters}
    if not given:
        raise InvalidInput("A sweep varies at least one setting.", code="sweep_no_axes")
    axes = []
    for name, values in given.items():
        if (parameter := known.get(name)) is None:
            raise _refusal(name, "Unknown setting.", "parameter_unknown")
        read = [parameter.read(value) for value in _values(parameter, values)]
        axes.append(Axis(name, tuple(dict.fromkeys(read))))
    return tuple(axes)


def grid(
    strategy: type[Strategy],
    axes: Sequence[Axis],
    fixed: Mapping[str, object] | None = None,
    *,
    most: int = MOST_CELLS,
) -> Cells:
    """Every combination, the last axis moving fastest.

    Raises InvalidInput: `sweep_too_large` before anything is made, `sweep_no_cells` when no combination goes
    together, and what the strategy raises for `fixed`.
    """
    total = combinations(axes)
    if total > most:
        raise InvalidInput(
            f"{total:,} combinations are more than {most:,}: take fewer values, or draw some at random.",
            code="sweep_too_large",
        )
    return _cells(strategy, axes, fixed, range(total), total, total)


def random_cells(
    strategy: type[Strategy],
    axes: Sequence[Axis],
    count: int,
    seed: int,
    fixed: Mapping[str, object] | None = None,
    *,
    most: int = MOST_CELLS,
) -> Cells:
    """So many different combinations, the same for the same seed; all of them, in order, where there are no more.

    Raises as `grid`, and InvalidInput, `sweep_count_invalid`, for a count below one.
    """
    if count < 1:
        raise InvalidInput("At least one combination must be drawn.", code="sweep_count_invalid")
    if count > most:
        raise InvalidInput(f"{count:,} combinations are more than {most:,}.", code="sweep_too_large")
    total = combinations(axes)
    if total <= count:
        return _cells(strategy, axes, fixed, range(total), total, total)
    return _cells(strategy, axes, fixed, _drawn(total, min(total, count * _LOOKS_A_CELL), seed), total, count)


def _drawn(total: int, count: int, seed: int) -> Iterable[int]:
    """Different places of a grid. A range beyond `sys.maxsize` cannot be sampled; there chance alone keeps what is
    drawn apart, and the set sees to the rest."""
    chance = Random(seed)
    if total <= maxsize:
        return chance.sample(range(total), count)
    return dict.fromkeys(chance.randrange(total) for _ in range(count))


def combinations(axes: Iterable[Axis]) -> int:
    """How many the axes have together."""
    return prod(len(axis.values) for axis in axes)


def _cells(
    strategy: type[Strategy],
    axes: Sequence[Axis],
    fixed: Mapping[str, object] | None,
    places: Iterable[int],
    total: int,
    wanted: int,
) -> Cells:
    found: list[Cell] = []
    skipped = 0
    for place in places:
        if len(found) == wanted:
            break
        try:
            found.append(dict(strategy(**{**(fixed or {}), **_at(axes, place)}).values))
        except InvalidInput as error:
            if error.code != "parameters_conflict":
                raise
            skipped += 1
    if not found:
        raise InvalidInput("None of the combinations goes together.", code="sweep_no_cells")
    return Cells(tuple(found), total, skipped)


def _at(axes: Sequence[Axis], place: int) -> Cell:
    """The combination of a position in the grid."""
    cell: Cell = {}
    for axis in reversed(axes):
        place, value = divmod(place, len(axis.values))
        cell[axis.name] = axis.values[value]
    return {axis.name: cell[axis.name] for axis in axes}


def _values(parameter: Parameter, given: object) -> Iterator[object]:
    if isinstance(given, Mapping):
        return _range(parameter, given)
    if isinstance(given, list | tuple) and given:
        if len(given) > MOST_VALUES:
            raise _refusal(parameter.name, f"Has more than {MOST_VALUES:,} values.", "axis_too_long")
        return iter(given)
    raise _refusal(parameter.name, "Must be a list of values, or from, to and step.", "axis_invalid")


def _range(parameter: Parameter, given: Mapping[str, object]) -> Iterator[object]:
    """Steps in decimal, so that 0.1 three times is 0.3."""
    if parameter.kind not in (Kind.INTEGER, Kind.NUMBER) or not {"from", "to"} <= set(given) <= {
        "from",
        "to",
        "step",
    }:
        raise _refusal(parameter.name, "Only a number takes from, to and step.", "axis_invalid")
    first, last = _decimal(parameter, given["from"]), _decimal(parameter, given["to"])
    step = _decimal(parameter, given.get("step", parameter.step or 1))
    if step <= 0 or last < first:
        raise _refusal(parameter.name, "The step must be above nothing, and `to` not below `from`.", "axis_invalid")
    if (last - first) / step >= MOST_VALUES:
        raise _refusal(parameter.name, f"Has more than {MOST_VALUES:,} values.", "axis_too_long")
    return (float(first + each * step) for each in range(int((last - first) / step) + 1))


def _decimal(parameter: Parameter, given: object) -> Decimal:
    try:
        number = (
            Decimal(str(given)) if isinstance(given, int | float | str) and not isinstance(given, bool) else None
        )
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number) > Decimal(10) ** 12:
        raise _refusal(parameter.name, "Must be a number.", "axis_invalid")
    return number


def _refusal(name: str, detail: str, code: str) -> InvalidInput:
    # A name of the caller's own making is echoed, so it is cut short.
    return InvalidInput(f"{name[:50]}: {detail}", code=code, errors={name[:50]: [detail]})
