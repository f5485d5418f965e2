"""A line of values that a strategy reads at the present bar, and the one rule of crossing."""

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
    if isinstance(other, int | float):
        return line.before <= other < line.now
    # NaN compares false with everything.
    return line.now > other.now and line.before <= other.before


def crossed_below(line: Line, other: Line | float) -> bool:
    """Whether the line was at or above the other one bar ago and is below it now; never while either warms up."""
    if isinstance(other, int | float):
        return line.before >= other > line.now
    return line.now < other.now and line.before >= other.before
