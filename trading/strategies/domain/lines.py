"""A line of values that a strategy reads at the present bar, and the one rule of crossing."""

from math import isnan
from typing import Protocol


class Line(Protocol):
    """An indicator's output as far as the strategy may know it; NaN while it is warming up."""

    @property
    def now(self) -> float:
        """At the bar that has just closed."""
        ...

    @property
    def before(self) -> float:
        """One bar earlier."""
        ...

    def at(self, ago: int) -> float:
        """`ago` bars before the present one, 0 for the present; NaN before the first."""
        ...


def crossed_above(line: Line, other: Line | float) -> bool:
    """Whether the line was at or below the other one bar ago and is above it now; never while either warms up."""
    was, now = _gap(line, other)
    return not isnan(was) and was <= 0 < now


def crossed_below(line: Line, other: Line | float) -> bool:
    """Whether the line was at or above the other one bar ago and is below it now; never while either warms up."""
    was, now = _gap(line, other)
    return not isnan(was) and was >= 0 > now


def _gap(line: Line, other: Line | float) -> tuple[float, float]:
    if isinstance(other, int | float):
        return line.before - other, line.now - other
    return line.before - other.before, line.now - other.now
